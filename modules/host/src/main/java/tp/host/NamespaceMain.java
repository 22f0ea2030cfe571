package tp.host;

import java.io.IOException;
import tp.os.NetworkConfiguration;
import tp.os.NetworkLink;
import tp.os.UnixSocket;

/**
 * The helper of a session with namespaces of its own: started in them, with their rights and none
 * of the host's. The kernel takes everything back with the last process in them.
 */
final class NamespaceMain {

    private NamespaceMain() {}

    public static void main(String[] arguments) {
        System.exit(HelperMain.run(arguments, NamespaceMain::inside));
    }

    private static void inside(HelperMain.Session session, UnixSocket daemon) throws IOException {
        loopbackUp();
        new NamespaceHelper(session).serve(daemon);
    }

    /** A new network namespace has a loopback that is down. */
    private static void loopbackUp() throws IOException {
        try (NetworkConfiguration network = NetworkConfiguration.open()) {
            NetworkLink loopback =
                    network.link("lo").orElseThrow(() -> new IOException("lo is not there"));
            network.bringUp(loopback, loopback.mtu());
        }
    }
}
