package tp.os;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** The TCP sockets of this host, of whichever process (sock_diag(7)). */
public final class TcpSockets {

    private static final int SOCK_DIAG_BY_FAMILY = 20;
    private static final int SOCK_DESTROY = 21;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int IPPROTO_TCP = 6;

    // struct inet_diag_msg: family, state, timer, retrans, then struct inet_diag_sockid.
    private static final int SOCKET_ID = 4;
    private static final int SOCKET_ID_BYTES = 48;
    private static final int SOURCE_IN_MESSAGE = SOCKET_ID + 4;
    private static final int ALL_STATES = -1;

    private TcpSockets() {}

    /**
     * Ends every TCP socket whose own address is one of these: its process gets an error, not an
     * end of file. The addresses need not exist any more.
     *
     * @return how many
     * @throws OsException {@code EPERM} without the right, {@code EOPNOTSUPP} if the kernel was
     *     built without it
     */
    public static int destroyWithLocalAddress(Set<InetAddress> addresses) throws IOException {
        int destroyed = 0;
        OsException refused = null;
        try (NetlinkSocket kernel = new NetlinkSocket(NetlinkSocket.SOCK_DIAG)) {
            for (int family : new int[] {AF_INET, AF_INET6}) {
                for (byte[] id : matching(kernel, family, addresses)) {
                    try {
                        destroyed += destroy(kernel, family, id) ? 1 : 0;
                    } catch (OsException e) {
                        refused = e;
                    }
                }
            }
        }
        if (refused != null && destroyed == 0) {
            throw refused;
        }
        return destroyed;
    }

    /** An IPv6 socket may hold an IPv4 address in its mapped form (RFC 4291 §2.5.5.2). */
    private static List<byte[]> matching(
            NetlinkSocket kernel, int family, Set<InetAddress> addresses) throws IOException {
        List<byte[]> prefixes =
                addresses.stream()
                        .map(InetAddress::getAddress)
                        .filter(bytes -> family == AF_INET6 || bytes.length == 4)
                        .map(bytes -> family == AF_INET6 ? mapped(bytes) : bytes)
                        .toList();
        List<byte[]> ids = new ArrayList<>();
        NetlinkRequest all = new NetlinkRequest(SOCK_DIAG_BY_FAMILY, NetlinkRequest.DUMP);
        header(all, family).fields(ByteBuffer.allocate(SOCKET_ID_BYTES));
        kernel.dump(
                "list TCP sockets",
                all,
                ids::clear,
                (type, body) -> {
                    if (type == SOCK_DIAG_BY_FAMILY
                            && body.limit() >= SOCKET_ID + SOCKET_ID_BYTES) {
                        byte[] source = new byte[family == AF_INET6 ? 16 : 4];
                        body.get(SOURCE_IN_MESSAGE, source);
                        if (prefixes.stream().anyMatch(wanted -> Arrays.equals(wanted, source))) {
                            byte[] id = new byte[SOCKET_ID_BYTES];
                            body.get(SOCKET_ID, id);
                            ids.add(id);
                        }
                    }
                });
        return ids;
    }

    private static byte[] mapped(byte[] bytes) {
        if (bytes.length == 16) {
            return bytes;
        }
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = (byte) 0xff;
        System.arraycopy(bytes, 0, mapped, 12, 4);
        return mapped;
    }

    /** The identity holds the kernel's cookie, so that no successor of the socket is hit. */
    private static boolean destroy(NetlinkSocket kernel, int family, byte[] id) throws IOException {
        NetlinkRequest request = new NetlinkRequest(SOCK_DESTROY, NetlinkRequest.ACK);
        header(request, family).fields(ByteBuffer.wrap(id));
        try {
            kernel.request("destroy a TCP socket", request);
            return true;
        } catch (OsException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ESRCH) {
                return false;
            }
            throw e;
        }
    }

    /** The begin of struct inet_diag_req_v2. */
    private static NetlinkRequest header(NetlinkRequest request, int family) {
        request.byteField(family).byteField(IPPROTO_TCP).byteField(0).byteField(0);
        return request.intField(ALL_STATES);
    }
}
