package tp.control;

/**
 * A conversation through the tunnel, as {@code tp flows} shows it.
 *
 * @param protocol {@code tcp}, {@code udp} or {@code ping}
 * @param source the application's end, an address and a port
 * @param destination where the application sends to; of a ping without a port
 * @param name the name that was asked for last and has this address, empty where there is none
 * @param ageMs since it was begun
 * @param sent bytes of the application
 * @param received bytes for the application
 * @param retained bytes of the application that the manager has not said to have
 */
public record FlowEntry(
        String protocol,
        State state,
        String source,
        String destination,
        String name,
        long ageMs,
        long sent,
        long received,
        long retained) {

    /** What it is doing. */
    public enum State {
        /** The target has not answered. */
        DIALING,
        OPEN,
        /** Its link is lost, and there is no other yet. */
        WAITING
    }
}
