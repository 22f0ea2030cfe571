package tp.tunnel;

/**
 * Told what a flow of echo requests brings, on the session's event loop. What is received is a
 * reply: sequence number (2 bytes) and data.
 */
public interface EchoListener extends UdpListener {

    /** That request did not arrive; the flow stays open. */
    void failed(int sequence, EchoFailure reason);
}
