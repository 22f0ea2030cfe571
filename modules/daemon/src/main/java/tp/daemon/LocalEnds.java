package tp.daemon;

import java.net.InetAddress;
import tp.host.Host;
import tp.os.OsException;
import tp.spi.common.TpException;

/** Where the kernel ends applications' connections: in the network in which they are. */
interface LocalEnds {

    /**
     * Lets the listener accept at an address of the device.
     *
     * @return the port
     */
    int open(LocalListener listener, InetAddress address);

    /**
     * {@return whether this process is in that network too} Then a connection of its own shows
     * whether a firewall is in the way. A network namespace of the session's own has none.
     */
    boolean areHere();

    /** {@return the ends in this process's network} */
    static LocalEnds here() {
        return new LocalEnds() {
            @Override
            public int open(LocalListener listener, InetAddress address) {
                return listener.bind(address);
            }

            @Override
            public boolean areHere() {
                return true;
            }
        };
    }

    /** {@return the ends in the namespace in which that helper is, which makes their sockets} */
    static LocalEnds inNamespaceOf(Host helper) {
        return new LocalEnds() {
            @Override
            public int open(LocalListener listener, InetAddress address) {
                try {
                    return listener.adopt(address, helper.listen(address).release());
                } catch (OsException e) {
                    throw new TpException(
                            TpException.Category.BUG, "the helper's socket is closed", "", e);
                }
            }

            @Override
            public boolean areHere() {
                return false;
            }
        };
    }
}
