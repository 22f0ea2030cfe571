package tp.transport.websocket;

import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;

/** What both ends have to agree on. */
final class WebSocketSettings {

    static final String SUBPROTOCOL = "tp.v1";

    /** The path, or its end where a proxy puts something before it. */
    static final String PATH = "/tp";

    /** What every proxy on the way takes; more is cut into several frames. */
    static final int MAX_FRAME_BYTES = 64 << 10;

    /** From the first packet to the upgrade, for either side. */
    static final int HANDSHAKE_SECONDS = 10;

    static final int MAX_LINE_BYTES = 4 << 10;
    static final int MAX_HEADER_BYTES = 16 << 10;
    static final int MAX_CHUNK_BYTES = 8 << 10;

    private WebSocketSettings() {}

    /**
     * {@return who reads the other end's frames} It does not close the connection by itself, which
     * would look as if this end had wanted it.
     *
     * @param masked as a client's frames are (RFC 6455 §5.3)
     */
    static WebSocketFrameDecoder decoder(boolean masked) {
        return new WebSocket13FrameDecoder(
                WebSocketDecoderConfig.newBuilder()
                        .maxFramePayloadLength(MAX_FRAME_BYTES)
                        .expectMaskedFrames(masked)
                        .allowExtensions(false)
                        .closeOnProtocolViolation(false)
                        .build());
    }
}
