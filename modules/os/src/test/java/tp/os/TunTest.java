package tp.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TunTest {

    @Test
    void carriesPacketsBothWaysAndVanishes() throws Exception {
        assertThat(OwnNetwork.run(Echo.class)).endsWith("all held\n");
    }

    /** Answers datagrams that the kernel routes into a device, by exchanging the addresses. */
    static final class Echo {

        private static final int MTU = 65535;
        private static final InetAddress REMOTE = InetAddress.ofLiteral("10.254.1.77");

        public static void main(String[] arguments) throws Exception {
            Descriptor tun = Tun.create("tp0123abcd");
            assertThatThrownBy(() -> Tun.create("tp0123abcd"))
                    .isInstanceOfSatisfying(
                            OsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY));
            command("ip addr add 10.254.1.1/24 dev tp0123abcd");
            command("ip link set tp0123abcd up mtu " + MTU);
            try (PacketDevice device = Tun.adopt(tun)) {
                assertThat(device.name()).isEqualTo("tp0123abcd");
                assertThat(device.mtu()).isEqualTo(MTU);
                echoes(device);
                wakes(device);
                dropsWhatIsNoPacket(device);
                allocatesNothing(device);
            }
            assertThat(command("ip -o link")).doesNotContain("tp0123abcd");
            System.out.println("all held");
        }

        private static void echoes(PacketDevice device) throws IOException {
            ByteBuffer[] packets = buffers(device);
            assertThat(device.await(0) && isIpv4(device, packets)).isFalse();
            try (DatagramSocket socket =
                    new DatagramSocket(new InetSocketAddress("10.254.1.1", 0))) {
                socket.setSoTimeout(5000);
                for (int size : new int[] {1, 1200, 60_000, 65_507}) {
                    byte[] sent = "x".repeat(size).getBytes(StandardCharsets.US_ASCII);
                    socket.send(new DatagramPacket(sent, size, REMOTE, 7));
                    answer(device, packets);
                    DatagramPacket got = new DatagramPacket(new byte[MTU], MTU);
                    socket.receive(got);
                    assertThat(got.getLength()).isEqualTo(size);
                    assertThat(got.getAddress()).isEqualTo(REMOTE);
                }
            }
        }

        private static boolean isIpv4(PacketDevice device, ByteBuffer[] packets)
                throws IOException {
            return device.read(packets) > 0 && packets[0].get(packets[0].position()) >> 4 == 4;
        }

        /** Exchanging whole addresses and ports keeps both checksums right. */
        private static void answer(PacketDevice device, ByteBuffer[] packets) throws IOException {
            long end = System.nanoTime() + 5_000_000_000L;
            while (System.nanoTime() < end) {
                device.await(end - System.nanoTime());
                int count = device.read(packets);
                for (int i = 0; i < count; i++) {
                    ByteBuffer packet = packets[i];
                    int start = packet.position();
                    if (packet.get(start) != 0x45) {
                        continue;
                    }
                    int source = packet.getInt(start + 12);
                    packet.putInt(start + 12, packet.getInt(start + 16)).putInt(start + 16, source);
                    short port = packet.getShort(start + 20);
                    packet.putShort(start + 20, packet.getShort(start + 22));
                    packet.putShort(start + 22, port);
                    assertThat(device.write(new ByteBuffer[] {packet}, 1)).isEqualTo(1);
                    return;
                }
            }
            throw new AssertionError("no packet came");
        }

        private static void wakes(PacketDevice device) throws Exception {
            Thread waker = Thread.ofPlatform().start(device::wake);
            ByteBuffer[] packets = buffers(device);
            while (device.await(Long.MAX_VALUE)) {
                device.read(packets);
            }
            waker.join();
        }

        private static void dropsWhatIsNoPacket(PacketDevice device) throws IOException {
            ByteBuffer nonsense = ByteBuffer.allocateDirect(64).put(0, (byte) 0xff);
            assertThat(device.write(new ByteBuffer[] {nonsense}, 1)).isZero();
        }

        private static void allocatesNothing(PacketDevice device) throws IOException {
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            ByteBuffer[] packets = buffers(device);
            ByteBuffer[] nonsense = {ByteBuffer.allocateDirect(64).put(0, (byte) 0xff)};
            long before = 0;
            for (int i = 0; i < 60_000; i++) {
                if (i == 50_000) {
                    before = threads.getCurrentThreadAllocatedBytes();
                }
                device.await(0);
                device.read(packets);
                device.write(nonsense, 1);
                device.wake();
            }
            long bytes = threads.getCurrentThreadAllocatedBytes() - before;
            System.out.println("10,000 rounds allocate " + bytes + " bytes");
            assertThat(bytes).isLessThan(10_000);
        }

        private static ByteBuffer[] buffers(PacketDevice device) {
            ByteBuffer[] packets = new ByteBuffer[device.batchSize()];
            for (int i = 0; i < packets.length; i++) {
                packets[i] = ByteBuffer.allocateDirect(device.headRoomBytes() + device.mtu());
            }
            return packets;
        }

        static String command(String line) throws IOException, InterruptedException {
            Process process = new ProcessBuilder(line.split(" ")).redirectErrorStream(true).start();
            String text =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as("%s: %s", line, text).isZero();
            return text;
        }
    }
}
