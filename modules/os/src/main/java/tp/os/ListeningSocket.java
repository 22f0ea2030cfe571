package tp.os;

import static tp.os.LinuxLibrary.C;
import static tp.os.LinuxLibrary.check;
import static tp.os.LinuxLibrary.memory;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Makes sockets that listen for TCP and are passed to another process. A socket stays in the
 * network namespace in which it was made, whoever uses it.
 */
public final class ListeningSocket {

    private static final short AF_INET = 2;
    private static final short AF_INET6 = 10;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOCKADDR_IN_BYTES = 16;
    private static final int SOCKADDR_IN6_BYTES = 28;

    private ListeningSocket() {}

    /** {@return one that listens on a free port of that address, and does not block} */
    public static Descriptor open(InetAddress address, int backlog) throws OsException {
        byte[] bytes = address.getAddress();
        boolean six = bytes.length == 16;
        int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
        Descriptor socket =
                new Descriptor(check("socket", C.socket(six ? AF_INET6 : AF_INET, type, 0)));
        try {
            ByteBuffer name = six ? sockaddrIn6(bytes) : sockaddrIn(bytes);
            String call = "bind to " + address.getHostAddress();
            check(call, C.bind(socket.number(), name, name.capacity()));
            check("listen", C.listen(socket.number(), backlog));
            return socket;
        } catch (OsException e) {
            socket.close();
            throw e;
        }
    }

    /** struct sockaddr_in (ip(7)), any port. */
    private static ByteBuffer sockaddrIn(byte[] address) {
        return memory(SOCKADDR_IN_BYTES).putShort(0, AF_INET).put(4, address);
    }

    /** struct sockaddr_in6 (ipv6(7)), any port. */
    private static ByteBuffer sockaddrIn6(byte[] address) {
        return memory(SOCKADDR_IN6_BYTES).putShort(0, AF_INET6).put(8, address);
    }
}
