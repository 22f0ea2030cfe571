package tp.tunnel;

/**
 * The manager's side in numbers.
 *
 * @param connections open now, let in or not
 * @param sessions let in and open now
 * @param flows open now, those that are dialed included
 * @param dials under way
 * @param refused connections that were turned away, since the start
 * @param malformed messages that were none or broke the protocol, since the start
 * @param kept flows without a connection
 * @param shares of clients, and what was beyond them
 * @param traffic of all sessions, since the start
 */
public record ServerStatistics(
        int connections,
        int sessions,
        int flows,
        int dials,
        long refused,
        long malformed,
        Kept kept,
        Shares shares,
        Traffic traffic) {

    /**
     * Flows of TCP whose connection was lost.
     *
     * @param waiting for their client
     * @param bytes of services that are kept for them
     * @param resumed how often one went on over another connection, since the start
     * @param dropped how many were reset, since their time was over or there was no room for them
     */
    public record Kept(int waiting, long bytes, long resumed, long dropped) {}

    /**
     * What limits each client.
     *
     * @param heldBytes by the flows of all
     * @param waitingDials until others of the same connection have ended
     * @param overMemory flows that were reset, since their client held too much
     */
    public record Shares(long heldBytes, int waitingDials, long overMemory) {}
}
