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
 */
public record ServerStatistics(
        int connections, int sessions, int flows, int dials, long refused, long malformed) {}
