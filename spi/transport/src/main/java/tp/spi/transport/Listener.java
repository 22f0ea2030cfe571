package tp.spi.transport;

import java.net.InetSocketAddress;

/** A port that is being listened on. */
public interface Listener extends AutoCloseable {

    /** {@return where it listens} */
    InetSocketAddress address();

    /** Accepts no more; links that are open go on. Does not throw. */
    @Override
    void close();
}
