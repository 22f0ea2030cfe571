package tp.tunnel;

/**
 * A session in numbers, at one moment.
 *
 * @param roundTripNs the last measured, 0 before the first
 * @param bytesSent payload from the laptop
 * @param bytesReceived payload to the laptop
 * @param openFlows TCP and UDP
 * @param datagramsDropped because the tunnel was full
 */
public record SessionStatistics(
        long roundTripNs,
        long bytesSent,
        long bytesReceived,
        int openFlows,
        long datagramsDropped) {}
