package tp.tunnel;

/**
 * What was carried so far, in the direction from this process and to it.
 *
 * @param bytesSent payload of TCP, UDP and echoes
 * @param bytesReceived likewise
 * @param datagramsDropped because the tunnel was full
 */
public record Traffic(long bytesSent, long bytesReceived, long datagramsDropped) {

    /** Nothing. */
    public static final Traffic NONE = new Traffic(0, 0, 0);

    /** {@return this and what that session has carried} */
    public Traffic and(SessionStatistics more) {
        return new Traffic(
                bytesSent + more.bytesSent(),
                bytesReceived + more.bytesReceived(),
                datagramsDropped + more.datagramsDropped());
    }
}
