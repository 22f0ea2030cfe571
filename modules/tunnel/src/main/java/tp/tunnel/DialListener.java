package tp.tunnel;

/** Told once how a dial ended, on the session's event loop; never after it was cancelled. */
public interface DialListener {

    /**
     * The far connect ended.
     *
     * @param flow to be attached or reset if the outcome is {@link DialOutcome#ESTABLISHED}; for
     *     any other outcome it is over already
     */
    void dialed(DialOutcome outcome, TcpFlow flow);
}
