package tp.connector;

import java.util.List;
import java.util.Optional;
import tp.tunnel.FlowKeep;

/**
 * The link, for {@code tp status}.
 *
 * @param transport the id of the one in use, or of the last that was
 * @param openFlows TCP and UDP, those of links that are being left included
 * @param kept what all links have carried, and what became of flows of those that were lost
 * @param lastError why it was lost last, or why it does not come back
 * @param transports why each transport is in use, or is not, best first
 * @param direct what holds of a session without a manager, empty for one with
 */
public record LinkState(
        boolean up,
        String transport,
        int openFlows,
        long reconnects,
        FlowKeep.Statistics kept,
        Optional<String> lastError,
        List<TransportState> transports,
        Optional<Direct> direct) {

    /**
     * A session that has the API server only.
     *
     * @param cannot what it does not do, one line each
     * @param refused what it was asked for lately and refused, and why, the latest last
     */
    public record Direct(List<String> cannot, List<String> refused) {
        public Direct {
            cannot = List.copyOf(cannot);
            refused = List.copyOf(refused);
        }
    }

    /** Before the first link. */
    public static final LinkState NONE =
            new LinkState(
                    false,
                    "",
                    0,
                    0,
                    FlowKeep.Statistics.NONE,
                    Optional.empty(),
                    List.of(),
                    Optional.empty());

    public LinkState {
        transports = List.copyOf(transports);
    }
}
