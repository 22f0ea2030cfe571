package tp.testkit.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** What the sandbox's samples offer to measure with. Names are looked up before anything counts. */
record Places(InetAddress echo, InetAddress page, InetAddress store) {

    private static final int ECHO = 7;
    private static final int COUNT = 7003;
    private static final int SOURCE = 7005;
    private static final int HTTP = 8080;

    static Places find() throws IOException {
        try {
            return new Places(
                    address("tcp-echo.default"),
                    address("verylargejavaservice.default"),
                    address("verylargedatastore.default"));
        } catch (UnknownHostException e) {
            throw new IOException("no such name: " + e.getMessage(), e);
        }
    }

    /** A Service has one of each family; what is measured is the way, so the first will do. */
    private static InetAddress address(String name) throws UnknownHostException {
        return InetAddress.getAllByName(name)[0];
    }

    /** Sends back what it gets. */
    InetSocketAddress echoes() {
        return new InetSocketAddress(echo, ECHO);
    }

    /** Says how many bytes came before the end of file. */
    InetSocketAddress sink() {
        return new InetSocketAddress(echo, COUNT);
    }

    /** Sends without end. */
    InetSocketAddress source() {
        return new InetSocketAddress(echo, SOURCE);
    }

    /** A small page under every path. */
    InetSocketAddress pages() {
        return new InetSocketAddress(page, HTTP);
    }

    /** {@code /bytes?size=N}. */
    InetSocketAddress bytes() {
        return new InetSocketAddress(store, HTTP);
    }
}
