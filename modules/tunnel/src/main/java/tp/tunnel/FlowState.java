package tp.tunnel;

/**
 * The numbers of one TCP flow, seen from one end: what was sent, acknowledged, allowed, received
 * and delivered. No sockets, clocks, threads or buffers.
 *
 * <p>Offsets count the bytes of a direction from 0; FIN occupies one offset. ACK says that the far
 * process holds bytes, CREDIT that the far kernel made room for more.
 */
final class FlowState {

    /** What became of something received. */
    enum Verdict {
        /** New and in order. */
        ACCEPTED,
        /** Seen before, as happens after a resume. */
        DUPLICATE,
        /** Against the protocol: the flow has to be reset. */
        VIOLATION
    }

    private final long windowBytes;
    private final long retainedBytes;

    private long sendNext;
    private long acknowledged;
    private long sendLimit;
    private boolean finSent;

    private long receiveNext;
    private long delivered;
    private long receiveLimit;
    private long lastAck;
    private boolean finReceived;

    /**
     * @param windowBytes how much the far end may send ahead of the local kernel; and twice as much
     *     is kept here for want of an acknowledgement, whatever credit there is
     */
    FlowState(long windowBytes) {
        this.windowBytes = windowBytes;
        retainedBytes = 2 * windowBytes;
        receiveLimit = windowBytes;
    }

    /** {@return how many bytes may be sent now} */
    long sendWindow() {
        return finSent ? 0 : Math.min(sendLimit, acknowledged + retainedBytes) - sendNext;
    }

    /** {@return the offset of bytes that are sent now} */
    long send(int bytes) {
        if (bytes > sendWindow()) {
            throw new IllegalStateException(
                    bytes + " bytes do not fit a window of " + sendWindow());
        }
        long offset = sendNext;
        sendNext += bytes;
        return offset;
    }

    /** {@return the offset of the FIN} */
    long sendFin() {
        finSent = true;
        return sendNext++;
    }

    long sendNext() {
        return sendNext;
    }

    long acknowledged() {
        return acknowledged;
    }

    boolean finAcknowledged() {
        return finSent && acknowledged == sendNext;
    }

    Verdict acked(long offset) {
        if (offset > sendNext) {
            return Verdict.VIOLATION;
        }
        if (offset <= acknowledged) {
            return Verdict.DUPLICATE;
        }
        acknowledged = offset;
        return Verdict.ACCEPTED;
    }

    /**
     * The far end goes on over another link, from that offset: what follows is sent again, FIN and
     * all.
     *
     * @param received below which the far process holds everything
     */
    Verdict resumed(long received) {
        if (received < acknowledged || received > sendNext) {
            return Verdict.VIOLATION;
        }
        acknowledged = received;
        if (!finAcknowledged()) {
            sendNext = received;
            finSent = false;
        }
        return Verdict.ACCEPTED;
    }

    Verdict credited(long limit) {
        if (limit <= sendLimit) {
            return Verdict.DUPLICATE;
        }
        sendLimit = limit;
        return Verdict.ACCEPTED;
    }

    /** {@return what to do with bytes of that offset} A partial overlap counts as a violation. */
    Verdict received(long offset, int bytes) {
        if (offset + bytes <= receiveNext) {
            return Verdict.DUPLICATE;
        }
        if (offset != receiveNext || finReceived || offset + bytes > receiveLimit) {
            return Verdict.VIOLATION;
        }
        receiveNext += bytes;
        return Verdict.ACCEPTED;
    }

    Verdict finReceived(long offset) {
        if (finReceived) {
            return offset == receiveNext - 1 ? Verdict.DUPLICATE : Verdict.VIOLATION;
        }
        if (offset != receiveNext) {
            return Verdict.VIOLATION;
        }
        finReceived = true;
        receiveNext++;
        return Verdict.ACCEPTED;
    }

    boolean finWasReceived() {
        return finReceived;
    }

    /** Bytes, or the FIN, went to the local kernel. */
    void delivered(long bytes) {
        delivered += bytes;
    }

    /** {@return whether everything that the far end ever sends is in the local kernel} */
    boolean allDelivered() {
        return finReceived && delivered == receiveNext;
    }

    /** {@return how many received bytes wait for the local kernel} */
    long undelivered() {
        return receiveNext - delivered;
    }

    /** {@return the same without the FIN} */
    long undeliveredBytes() {
        return finReceived ? Math.max(0, undelivered() - 1) : undelivered();
    }

    /** {@return the limit to announce over another link, where the last one may not have come} */
    long creditAgain() {
        receiveLimit = Math.max(receiveLimit, delivered + windowBytes);
        return receiveLimit;
    }

    /** {@return the limit to announce, or -1 while the last one is good enough} */
    long creditToSend() {
        long limit = delivered + windowBytes;
        if (finReceived || limit - receiveLimit < windowBytes / 4) {
            return -1;
        }
        receiveLimit = limit;
        return limit;
    }

    /**
     * {@return the offset to acknowledge, or -1} The FIN is acknowledged when it is in the kernel,
     * and not before: only then may linger be cleared.
     *
     * @param thresholdBytes how much may stay unacknowledged
     */
    long ackToSend(long thresholdBytes) {
        return held() - lastAck <= thresholdBytes ? -1 : ackAgain();
    }

    /**
     * {@return the offset to acknowledge over another link, where the last one may not have come}
     */
    long ackAgain() {
        lastAck = held();
        return lastAck;
    }

    private long held() {
        return finReceived && !allDelivered() ? receiveNext - 1 : receiveNext;
    }

    /** {@return whether something came that is not acknowledged} */
    boolean owesAck() {
        return receiveNext > lastAck;
    }

    long receiveNext() {
        return receiveNext;
    }
}
