package tp.connector;

/**
 * Why a transport is in use, or is not.
 *
 * @param id the transport's
 * @param verdict {@code in use}, {@code not needed}, {@code untried}, {@code failed} or {@code
 *     unusable}
 * @param reason one line for people
 */
public record TransportState(String id, String verdict, String reason) {

    /** {@return the same, saying how many links there are} */
    TransportState with(int links) {
        return new TransportState(id, verdict, reason + ", " + links + " connections");
    }
}
