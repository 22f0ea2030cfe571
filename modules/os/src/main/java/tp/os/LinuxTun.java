package tp.os;

import static tp.os.LinuxLibrary.C;
import static tp.os.LinuxLibrary.check;
import static tp.os.LinuxLibrary.lastError;
import static tp.os.LinuxLibrary.memory;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;

/** A TUN device without packet information or virtio-net header (linux/if_tun.h). */
final class LinuxTun implements PacketDevice {

    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNGETIFF = 0x800454d2L;
    private static final long SIOCGIFMTU = 0x8921L;
    private static final short IFF_TUN = 1;
    private static final short IFF_NO_PI = 0x1000;
    private static final short IFF_TUN_EXCL = (short) 0x8000;
    private static final int IFNAMSIZ = 16;
    private static final int IFREQ_BYTES = 40;
    private static final int O_RDWR = 2;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;

    /** Room for struct virtio_net_hdr_v1 (12 bytes), and packets stay aligned to 16. */
    private static final int HEAD_ROOM_BYTES = 16;

    private static final int BATCH = 64;

    private final Descriptor tun;
    private final int fd;
    private final String name;
    private final int mtu;
    private final ByteBuffer polled = memory(16);
    private final ByteBuffer timeout = memory(16);
    private final ByteBuffer counter = memory(8);

    /** Set from the first wake to the await that sees it, so that a storm of wakes is one write. */
    private final AtomicBoolean woken = new AtomicBoolean();

    private final Object closing = new Object();
    private final Descriptor event;
    private final ByteBuffer one = memory(8).putLong(0, 1);

    private LinuxTun(Descriptor tun, Descriptor event, String name, int mtu) throws OsException {
        this.tun = tun;
        this.fd = tun.number();
        this.event = event;
        this.name = name;
        this.mtu = mtu;
        polled.putInt(0, fd).putShort(4, LinuxLibrary.POLLIN);
        polled.putInt(8, event.number()).putShort(12, LinuxLibrary.POLLIN);
    }

    static Descriptor create(String name) throws OsException {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        if (bytes.length == 0 || bytes.length >= IFNAMSIZ) {
            throw new IllegalArgumentException("no device can be called " + name);
        }
        Descriptor tun =
                new Descriptor(
                        check(
                                "open /dev/net/tun",
                                C.open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC, 0)));
        try {
            ByteBuffer request = memory(IFREQ_BYTES).put(0, bytes);
            request.putShort(IFNAMSIZ, (short) (IFF_TUN | IFF_NO_PI | IFF_TUN_EXCL));
            check("make device " + name, C.ioctl(tun.number(), TUNSETIFF, request));
            return tun;
        } catch (OsException e) {
            tun.close();
            throw e;
        }
    }

    static LinuxTun adopt(Descriptor tun) throws OsException {
        String name = name(tun);
        return adopt(tun, name, mtu(name));
    }

    static LinuxTun adopt(Descriptor tun, int mtu) throws OsException {
        return adopt(tun, name(tun), mtu);
    }

    private static LinuxTun adopt(Descriptor tun, String name, int mtu) throws OsException {
        int flags = check("F_GETFL", C.fcntl(tun.number(), F_GETFL, 0));
        check("F_SETFL", C.fcntl(tun.number(), F_SETFL, flags | O_NONBLOCK));
        Descriptor event = new Descriptor(check("eventfd", C.eventfd(0, O_NONBLOCK | O_CLOEXEC)));
        return new LinuxTun(tun, event, name, mtu);
    }

    private static String name(Descriptor tun) throws OsException {
        ByteBuffer request = memory(IFREQ_BYTES);
        check("TUNGETIFF", C.ioctl(tun.number(), TUNGETIFF, request));
        byte[] bytes = new byte[IFNAMSIZ];
        request.get(0, bytes);
        int length = 0;
        while (length < IFNAMSIZ && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.US_ASCII);
    }

    private static int mtu(String name) throws OsException {
        ByteBuffer request = memory(IFREQ_BYTES);
        request.put(0, name.getBytes(StandardCharsets.US_ASCII));
        int type = SOCK_DGRAM | O_CLOEXEC;
        try (Descriptor any = new Descriptor(check("socket", C.socket(AF_INET, type, 0)))) {
            check("read the MTU of " + name, C.ioctl(any.number(), SIOCGIFMTU, request));
            return request.getInt(IFNAMSIZ);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public int headRoomBytes() {
        return HEAD_ROOM_BYTES;
    }

    @Override
    public int batchSize() {
        return BATCH;
    }

    @Override
    public int read(ByteBuffer[] packets) throws OsException {
        for (int i = 0; i < packets.length; i++) {
            ByteBuffer packet = packets[i];
            packet.clear().position(HEAD_ROOM_BYTES);
            long length = C.read(fd, packet, packet.remaining());
            if (length <= 0) {
                int error = length == 0 ? LinuxLibrary.EAGAIN : lastError();
                if (error == LinuxLibrary.EAGAIN || error == LinuxLibrary.EINTR) {
                    return i;
                }
                throw new OsException("read from " + name, error);
            }
            packet.limit(HEAD_ROOM_BYTES + (int) length);
        }
        return packets.length;
    }

    @Override
    public int write(ByteBuffer[] packets, int count) throws OsException {
        int taken = 0;
        for (int i = 0; i < count; i++) {
            ByteBuffer packet = packets[i];
            if (C.write(fd, packet, packet.remaining()) >= 0) {
                taken++;
            } else {
                int error = lastError();
                if (error == Errno.EBADF.number() || error == Errno.EBADFD.number()) {
                    throw new OsException("write to " + name, error);
                }
            }
        }
        return taken;
    }

    @Override
    public boolean await(long timeoutNs) throws OsException {
        ByteBuffer wait = null;
        if (timeoutNs != Long.MAX_VALUE) {
            long ns = Math.max(0, timeoutNs);
            wait = timeout.putLong(0, ns / 1_000_000_000).putLong(8, ns % 1_000_000_000);
        }
        if (C.ppoll(polled, 2, wait, null) < 0) {
            int error = lastError();
            if (error != LinuxLibrary.EINTR) {
                throw new OsException("wait for " + name, error);
            }
            return false;
        }
        if (polled.getShort(14) != 0) {
            C.read(event.number(), counter, 8);
            woken.set(false);
        }
        return polled.getShort(6) != 0;
    }

    @Override
    public void wake() {
        if (woken.compareAndSet(false, true)) {
            synchronized (closing) {
                try {
                    C.write(event.number(), one, 8);
                } catch (OsException ignored) {
                    // Closed: nobody waits any more.
                }
            }
        }
    }

    @Override
    public void close() {
        synchronized (closing) {
            event.close();
            tun.close();
        }
    }
}
