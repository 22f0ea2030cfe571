package tp.kube;

import java.nio.ByteBuffer;

/**
 * Connections to the ports of one pod, all over one websocket. Not thread-safe: everything happens
 * on the executor that it was opened with, one call after the other, listeners included.
 */
public interface PodForward extends AutoCloseable {

    /** Why there is no connection, or none any more. */
    enum Failure {
        /** Nothing listens on that port of the pod. */
        REFUSED,
        /** The pod said that it cannot be reached. */
        UNREACHABLE,
        /** The pod's own connect timed out. */
        TIMED_OUT,
        /** The cluster has no such pod. */
        NO_SUCH_POD,
        /** The user may not forward ports of it. */
        FORBIDDEN,
        /** The way to it broke, or something went wrong at its end. */
        BROKEN
    }

    /** Hears of one connection. */
    interface Events {

        /**
         * It is there. The kubelet tells of failures only; so this comes with the first byte, or
         * when it has had the time to tell of one.
         */
        void established();

        /**
         * @param bytes the receiver's, who tells by {@link Connection#taken} when they are gone
         */
        void bytes(ByteBuffer bytes);

        /** No bytes follow, in order. */
        void ended();

        /**
         * It is over, also where it was never established.
         *
         * @param why one line for people
         */
        void failed(Failure failure, String why);

        /** It may be written to again. */
        void writable();
    }

    /** One connection; until it is established it can only be {@link #reset}. */
    interface Connection {

        /**
         * Sends bytes, which are borrowed for the call. Takes any number; who heeds {@link
         * #isWritable} keeps what waits to be sent small.
         */
        void send(ByteBuffer bytes);

        /** {@return whether to send more; where it is false {@link Events#writable} follows} */
        boolean isWritable();

        /** Makes room for as many bytes as were {@link Events#bytes received}. */
        void taken(int bytes);

        /** Ends the direction to the pod in order. */
        void finish();

        /** Ends both directions; nothing is heard any more. */
        void reset();
    }

    /** Begins a connection to that port. */
    Connection connect(int port, Events events);

    /** {@return how many connections are open} */
    int connections();

    /**
     * {@return whether a new connection is better made over another one} That is where one
     * connection is not read by whoever has it, since then the others wait behind it.
     */
    boolean isClogged();

    /** {@return whether connections can still be made} */
    boolean isOpen();

    /** Ends it, and all connections with it, whose events hear of a failure. */
    @Override
    void close();
}
