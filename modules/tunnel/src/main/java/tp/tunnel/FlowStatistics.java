package tp.tunnel;

/**
 * A flow in numbers, at one moment.
 *
 * @param sent bytes of the application that were sent, each once; fewer for a while after a lost
 *     link, until they are sent again
 * @param received bytes for the application
 * @param retained bytes that were read of the application and that the manager has not said to have
 */
public record FlowStatistics(State state, long sent, long received, long retained) {

    /** What a flow is doing. */
    public enum State {
        /** The target has not answered. */
        DIALING,
        OPEN,
        /** Its link is lost, and there is no other yet. */
        WAITING
    }

    /** Of a flow that has not begun. */
    public static final FlowStatistics BEFORE = new FlowStatistics(State.DIALING, 0, 0, 0);

    /** Of a flow that counts nothing. */
    public static final FlowStatistics NONE = new FlowStatistics(State.OPEN, 0, 0, 0);
}
