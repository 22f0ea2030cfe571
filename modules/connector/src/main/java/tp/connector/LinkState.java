package tp.connector;

import java.util.List;
import java.util.Optional;

/**
 * The link, for {@code tp status}.
 *
 * @param transport the id of the one in use, or of the last that was
 * @param openFlows TCP and UDP, those of links that are being left included
 * @param lastError why it was lost last, or why it does not come back
 * @param transports why each transport is in use, or is not, best first
 */
public record LinkState(
        boolean up,
        String transport,
        int openFlows,
        long reconnects,
        Optional<String> lastError,
        List<TransportState> transports) {

    /** Before the first link. */
    public static final LinkState NONE =
            new LinkState(false, "", 0, 0, Optional.empty(), List.of());

    public LinkState {
        transports = List.copyOf(transports);
    }
}
