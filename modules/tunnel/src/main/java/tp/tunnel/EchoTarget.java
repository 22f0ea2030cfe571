package tp.tunnel;

import java.nio.ByteBuffer;

/** A target in the cluster that is asked for echoes: the manager's end of a flow. */
public interface EchoTarget {

    /** Told what comes of it, on any thread; does not wait. Buffers are borrowed for the call. */
    interface Ears {

        /**
         * The target itself replied.
         *
         * @param echoed sequence number (2 bytes) and data, as they came back
         */
        void replied(ByteBuffer echoed);

        void failed(int sequence, EchoFailure reason);
    }

    /**
     * Sends a request, or loses it where there is no room; does not wait.
     *
     * @param echoed what is to come back: sequence number (2 bytes) and data; borrowed for the call
     */
    void ask(ByteBuffer echoed);

    void close();
}
