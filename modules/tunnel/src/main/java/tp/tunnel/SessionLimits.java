package tp.tunnel;

import io.netty.channel.WriteBufferWaterMark;

/** How much of what a session may have. */
final class SessionLimits {

    /**
     * What lies below the scheduler, so that small flows and heartbeats do not wait behind bulk.
     */
    static final WriteBufferWaterMark BELOW_SCHEDULER =
            new WriteBufferWaterMark(128 * 1024, 256 * 1024);

    /** How far one stream may run ahead of the link before its socket is no longer read. */
    static final WriteBufferWaterMark PER_STREAM = new WriteBufferWaterMark(128 * 1024, 256 * 1024);

    static final int MAX_STREAMS = 16_384;

    /** Some streams are no flows. */
    static final int MAX_FLOWS = MAX_STREAMS - 16;

    private SessionLimits() {}
}
