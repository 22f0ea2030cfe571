package tp.tunnel;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;

/** What is said on the streams of a session; bytes and bounds are in {@code docs/protocol.md}. */
sealed interface Message {

    /** Holds a buffer that somebody has to release. */
    sealed interface WithPayload extends Message {
        ByteBuf payload();
    }

    /** Not of a flow: on the streams for control and for DNS. */
    sealed interface Control extends Message {}

    /** Which kind of conversation a flow carries. */
    enum Protocol {
        TCP,
        UDP,
        /** Requests of ICMP or ICMPv6 for an echo. */
        ECHO
    }

    /** Client to manager, first on a flow's stream. */
    record Open(long flowId, Protocol protocol, InetSocketAddress target, long credit)
            implements Message {}

    /** Client to manager, first on the stream of a flow that goes on over another link. */
    record Resume(long flowId, long epoch, long receivedOffset, long credit) implements Message {}

    /** Manager to client: how the dial ended, or that the flow goes on. */
    record Dialed(DialOutcome outcome, long receivedOffset, long credit) implements Message {}

    /** Payload; offset is that of its first byte. */
    record Data(long offset, ByteBuf payload) implements WithPayload {}

    /** The far process holds all bytes below the offset. */
    record Ack(long offset) implements Message {}

    /** Bytes below the limit may be sent; the far kernel made room for them. */
    record Credit(long limit) implements Message {}

    /** The last offset of a direction; it occupies one offset itself. */
    record Fin(long offset) implements Message {}

    /** The flow is broken; bytes below the offset are delivered first. */
    record Reset(long offset) implements Message {}

    /** One UDP payload; of echo requests and replies sequence number and data. */
    record Datagram(ByteBuf payload) implements WithPayload {}

    /** One such payload of a flow, alone on a stream: too long for a datagram of the link. */
    record Loose(long flowId, ByteBuf payload) implements WithPayload {}

    /** The target of a flow of datagrams cannot be reached. */
    record Unreachable(DialOutcome outcome) implements Message {}

    /** Manager to client: an ICMP error came for the echo request of that number. */
    record Unanswered(int sequence, EchoFailure reason) implements Message {}

    /** A DNS question. The bytes are written once and never compared. */
    @SuppressWarnings("ArrayRecordComponent")
    record Query(int id, boolean tcp, byte[] message) implements Control {}

    /** The answer to the question of that number; empty where there is none. */
    @SuppressWarnings("ArrayRecordComponent")
    record Answer(int id, byte[] message) implements Control {}

    /** Client to manager, first on the control stream. */
    record Hello(ClientHello hello) implements Control {}

    /** Manager to client: let in. */
    record Welcomed(Welcome welcome) implements Control {}

    /** Manager to client: not let in. */
    record Refused(String reason) implements Control {}

    /** Manager to client: the grant changed. */
    record Update(Welcome welcome) implements Control {}

    /** Client to manager: a fresh token. */
    record Reauthenticate(String token) implements Control {
        @Override
        public String toString() {
            return "Reauthenticate";
        }
    }

    /**
     * Asks for a {@link Pong} with the same number.
     *
     * @param silenceMs for how long the sender has heard nothing although it sent something
     */
    record Ping(long number, long silenceMs) implements Control {}

    /**
     * Answers a {@link Ping}.
     *
     * @param receivedNs the sender's clock when the ping came, which has an origin of its own
     * @param receivedBytes payload of flows that had come by then
     */
    record Pong(long number, long receivedNs, long receivedBytes) implements Control {}

    /** Client to manager: other namespaces from now on, for open flows too. */
    record Remap(int number, MappingRequest mapping) implements Control {}

    /** Manager to client: what became of the {@link Remap} of that number. */
    record Remapped(int number, String refusal) implements Control {}

    /** The session ends, for a reason that people can read. */
    record Goodbye(String reason) implements Control {}
}
