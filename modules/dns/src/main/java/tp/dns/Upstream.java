package tp.dns;

/** Who is asked: the cluster's DNS through the tunnel, or the host's own servers. */
@FunctionalInterface
public interface Upstream {

    /** Why there is no answer. It never means that a name does not exist. */
    enum Failure {
        /** Nobody is there to be asked. */
        NO_SERVER,
        /** Somebody was asked and did not answer in time. */
        TIMED_OUT,
        /** The way to the server is broken or full. */
        BROKEN
    }

    /** Told once how a question ended, on any thread. */
    interface Listener {

        /** The whole message, with the identifier of the question. */
        void answered(byte[] message);

        void failed(Failure failure);
    }

    /**
     * Asks without waiting.
     *
     * @param query a whole DNS message, not to be changed
     * @param tcp whether the answer may have any size
     */
    void ask(byte[] query, boolean tcp, Listener listener);
}
