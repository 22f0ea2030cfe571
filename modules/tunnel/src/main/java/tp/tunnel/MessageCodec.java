package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import tp.tunnel.Message.Ack;
import tp.tunnel.Message.Answer;
import tp.tunnel.Message.Credit;
import tp.tunnel.Message.Data;
import tp.tunnel.Message.Datagram;
import tp.tunnel.Message.Dialed;
import tp.tunnel.Message.Fin;
import tp.tunnel.Message.Goodbye;
import tp.tunnel.Message.Hello;
import tp.tunnel.Message.Loose;
import tp.tunnel.Message.Open;
import tp.tunnel.Message.Ping;
import tp.tunnel.Message.Pong;
import tp.tunnel.Message.Protocol;
import tp.tunnel.Message.Query;
import tp.tunnel.Message.Reauthenticate;
import tp.tunnel.Message.Refused;
import tp.tunnel.Message.Remap;
import tp.tunnel.Message.Remapped;
import tp.tunnel.Message.Reset;
import tp.tunnel.Message.Resume;
import tp.tunnel.Message.Unanswered;
import tp.tunnel.Message.Unreachable;
import tp.tunnel.Message.Update;
import tp.tunnel.Message.Welcomed;

/** Messages to bytes and back: one byte of type, three of length, the body. */
final class MessageCodec {

    static final int HEADER_BYTES = 4;
    static final int MAX_PAYLOAD_BYTES = 65_536;

    private static final int MAX_KEY_BYTES = 64;
    private static final int MAX_SERVERS = 8;

    /** The longest body: that of a welcome, in which a namespace has at most 63 bytes. */
    static final int MAX_BODY_BYTES = 1024 * 1024;

    private static final int OPEN = 1;
    private static final int RESUME = 2;
    private static final int DIALED = 3;
    private static final int DATA = 4;
    private static final int ACK = 5;
    private static final int CREDIT = 6;
    private static final int FIN = 7;
    private static final int RESET = 8;
    private static final int DATAGRAM = 9;
    private static final int UNREACHABLE = 10;
    private static final int QUERY = 11;
    private static final int ANSWER = 12;
    private static final int LOOSE = 13;
    private static final int HELLO = 16;
    private static final int WELCOME = 17;
    private static final int REFUSED = 18;
    private static final int UPDATE = 19;
    private static final int REAUTHENTICATE = 20;
    private static final int PING = 21;
    private static final int PONG = 22;
    private static final int GOODBYE = 23;
    private static final int UNANSWERED = 25;
    private static final int REMAP = 26;
    private static final int REMAPPED = 27;

    private MessageCodec() {}

    /** {@return the message as bytes, owned by the caller} Takes over the payload's reference. */
    static ByteBuf encode(ByteBufAllocator allocator, Message message) {
        return switch (message) {
            case Data data -> withPayload(allocator, DATA, data.offset(), data.payload());
            case Datagram datagram -> withPayload(allocator, DATAGRAM, -1, datagram.payload());
            case Loose loose -> withPayload(allocator, LOOSE, loose.flowId(), loose.payload());
            default -> encodeSmall(allocator, message);
        };
    }

    private static ByteBuf withPayload(
            ByteBufAllocator allocator, int type, long offset, ByteBuf payload) {
        int fields = offset < 0 ? 0 : 8;
        ByteBuf header = allocator.directBuffer(HEADER_BYTES + fields);
        header.writeByte(type).writeMedium(fields + payload.readableBytes());
        if (fields > 0) {
            header.writeLong(offset);
        }
        CompositeByteBuf whole = allocator.compositeDirectBuffer(2);
        return whole.addComponents(true, header, payload);
    }

    private static ByteBuf encodeSmall(ByteBufAllocator allocator, Message message) {
        ByteBuf out = allocator.directBuffer(64).writeByte(0).writeMedium(0);
        int type = putBody(out, message);
        out.setByte(0, type).setMedium(1, out.readableBytes() - HEADER_BYTES);
        return out;
    }

    /** Outcomes and protocols go out by their ordinals, whose order docs/protocol.md fixes. */
    @SuppressWarnings("EnumOrdinal")
    private static int putBody(ByteBuf out, Message message) {
        return switch (message) {
            case Open open -> {
                out.writeLong(open.flowId()).writeByte(open.protocol().ordinal());
                Wire.putTarget(out, open.target());
                out.writeLong(open.credit());
                yield OPEN;
            }
            case Resume resume -> putResume(out, resume);
            case Dialed dialed -> {
                out.writeByte(dialed.outcome().ordinal())
                        .writeLong(dialed.receivedOffset())
                        .writeLong(dialed.credit());
                yield DIALED;
            }
            case Ack ack -> number(out, ack.offset(), ACK);
            case Credit credit -> number(out, credit.limit(), CREDIT);
            case Fin fin -> number(out, fin.offset(), FIN);
            case Reset reset -> number(out, reset.offset(), RESET);
            case Unreachable unreachable -> {
                out.writeByte(unreachable.outcome().ordinal());
                yield UNREACHABLE;
            }
            case Unanswered unanswered -> {
                out.writeShort(unanswered.sequence()).writeByte(unanswered.reason().ordinal());
                yield UNANSWERED;
            }
            case Message.Control control -> putControl(out, control);
            case Message.WithPayload other ->
                    throw new IllegalArgumentException("it has a payload: " + other.payload());
        };
    }

    private static int putControl(ByteBuf out, Message.Control message) {
        return switch (message) {
            case Query query -> {
                out.writeInt(query.id()).writeByte(query.tcp() ? 1 : 0).writeBytes(query.message());
                yield QUERY;
            }
            case Answer answer -> {
                out.writeInt(answer.id()).writeBytes(answer.message());
                yield ANSWER;
            }
            case Ping ping -> number(out.writeLong(ping.number()), ping.silenceMs(), PING);
            case Pong pong ->
                    number(
                            out.writeLong(pong.number()).writeLong(pong.receivedNs()),
                            pong.receivedBytes(),
                            PONG);
            case Hello hello -> {
                putHello(out, hello.hello());
                yield HELLO;
            }
            case Welcomed welcomed -> {
                putWelcome(out, welcomed.welcome());
                yield WELCOME;
            }
            case Update update -> {
                putWelcome(out, update.welcome());
                yield UPDATE;
            }
            case Remap remap -> putRemap(out, remap);
            case Remapped done -> putRemapped(out, done);
            case Refused refused -> text(out, refused.reason(), Wire.MAX_TEXT_BYTES, REFUSED);
            case Goodbye goodbye -> text(out, goodbye.reason(), Wire.MAX_TEXT_BYTES, GOODBYE);
            case Reauthenticate fresh ->
                    text(out, fresh.token(), Wire.MAX_TOKEN_BYTES, REAUTHENTICATE);
        };
    }

    private static int number(ByteBuf out, long number, int type) {
        out.writeLong(number);
        return type;
    }

    private static int text(ByteBuf out, String text, int maxBytes, int type) {
        Wire.putText(out, text, maxBytes);
        return type;
    }

    private static void putHello(ByteBuf out, ClientHello hello) {
        Wire.putText(out, hello.clientVersion(), 64);
        Wire.putText(out, hello.token(), Wire.MAX_TOKEN_BYTES);
        putMapping(out, hello.mapping());
        Wire.putText(out, hello.flowKey(), MAX_KEY_BYTES);
    }

    private static void putMapping(ByteBuf out, MappingRequest mapping) {
        out.writeByte(mapping.all() ? 1 : 0);
        Wire.putTexts(out, mapping.names(), Wire.MAX_LIST);
    }

    private static int putResume(ByteBuf out, Resume resume) {
        out.writeLong(resume.flowId()).writeLong(resume.epoch());
        out.writeLong(resume.receivedOffset()).writeLong(resume.credit());
        return RESUME;
    }

    private static int putRemap(ByteBuf out, Remap remap) {
        putMapping(out.writeInt(remap.number()), remap.mapping());
        return REMAP;
    }

    private static int putRemapped(ByteBuf out, Remapped done) {
        return text(out.writeInt(done.number()), done.refusal(), Wire.MAX_TEXT_BYTES, REMAPPED);
    }

    private static void putWelcome(ByteBuf out, Welcome welcome) {
        Wire.putText(out, welcome.sessionId(), 64);
        out.writeLong(welcome.epoch());
        Wire.putText(out, welcome.managerVersion(), 64);
        Wire.putText(out, welcome.zone().clusterDomain(), 255);
        List<InetAddress> servers = welcome.zone().clusterDns();
        int count = Math.min(servers.size(), MAX_SERVERS);
        out.writeShort(count);
        servers.subList(0, count).forEach(server -> Wire.putAddress(out, server));
        Wire.putCidrs(out, welcome.serviceSubnets());
        Wire.putCidrs(out, welcome.podSubnets());
        Wire.putTexts(out, welcome.namespaces(), Welcome.MAX_NAMESPACES);
        Wire.putTexts(out, welcome.external(), Wire.MAX_LIST);
        Wire.putText(out, welcome.noEcho(), Wire.MAX_TEXT_BYTES);
    }

    /**
     * Reads the body of one message. A payload in the result is a retained slice.
     *
     * @param body borrowed; its bytes are the body and nothing else
     * @throws WireException where it is no message of ours
     */
    static Message decode(int type, ByteBuf body) throws WireException {
        Message message =
                switch (type) {
                    case DATA -> data(body);
                    case DATAGRAM -> new Datagram(payload(body));
                    case LOOSE -> new Loose(Wire.offset(body), payload(body));
                    case ACK -> new Ack(Wire.offset(body));
                    case CREDIT -> new Credit(Wire.offset(body));
                    case FIN -> new Fin(Wire.offset(body));
                    case RESET -> new Reset(Wire.offset(body));
                    case OPEN ->
                            new Open(
                                    Wire.number(body),
                                    protocol(body),
                                    Wire.target(body),
                                    Wire.offset(body));
                    case RESUME ->
                            new Resume(
                                    Wire.number(body),
                                    Wire.number(body),
                                    Wire.offset(body),
                                    Wire.offset(body));
                    case DIALED ->
                            new Dialed(Wire.outcome(body), Wire.offset(body), Wire.offset(body));
                    case UNREACHABLE -> new Unreachable(Wire.outcome(body));
                    case UNANSWERED -> new Unanswered(Wire.sequence(body), Wire.failure(body));
                    default -> decodeControl(type, body);
                };
        if (body.isReadable()) {
            throw new WireException(
                    "type " + type + " with " + body.readableBytes() + " bytes too many");
        }
        return message;
    }

    private static Message decodeControl(int type, ByteBuf body) throws WireException {
        return switch (type) {
            case QUERY -> {
                Wire.need(body, 5);
                yield new Query(body.readInt(), body.readByte() != 0, Wire.rest(body));
            }
            case ANSWER -> {
                Wire.need(body, 4);
                yield new Answer(body.readInt(), Wire.rest(body));
            }
            case PING -> new Ping(Wire.number(body), Wire.number(body));
            case PONG -> new Pong(Wire.number(body), Wire.number(body), Wire.number(body));
            case HELLO -> new Hello(hello(body));
            case REMAP -> {
                Wire.need(body, 4);
                yield new Remap(body.readInt(), mapping(body));
            }
            case REMAPPED -> {
                Wire.need(body, 4);
                yield new Remapped(body.readInt(), Wire.text(body, Wire.MAX_TEXT_BYTES));
            }
            case WELCOME -> new Welcomed(welcome(body));
            case UPDATE -> new Update(welcome(body));
            case REFUSED -> new Refused(Wire.text(body, Wire.MAX_TEXT_BYTES));
            case GOODBYE -> new Goodbye(Wire.text(body, Wire.MAX_TEXT_BYTES));
            case REAUTHENTICATE -> new Reauthenticate(Wire.text(body, Wire.MAX_TOKEN_BYTES));
            default -> throw new WireException("type " + type);
        };
    }

    private static Data data(ByteBuf body) throws WireException {
        long offset = Wire.offset(body);
        return new Data(offset, payload(body));
    }

    private static ByteBuf payload(ByteBuf body) throws WireException {
        if (body.readableBytes() > MAX_PAYLOAD_BYTES) {
            throw new WireException("a payload of " + body.readableBytes());
        }
        return body.readRetainedSlice(body.readableBytes());
    }

    private static Protocol protocol(ByteBuf body) throws WireException {
        Wire.need(body, 1);
        return switch (body.readUnsignedByte()) {
            case 0 -> Protocol.TCP;
            case 1 -> Protocol.UDP;
            case 2 -> Protocol.ECHO;
            default -> throw new WireException("an unknown protocol");
        };
    }

    private static ClientHello hello(ByteBuf body) throws WireException {
        String version = Wire.text(body, 64);
        String token = Wire.text(body, Wire.MAX_TOKEN_BYTES);
        MappingRequest mapping = mapping(body);
        return new ClientHello(version, token, mapping, Wire.text(body, MAX_KEY_BYTES));
    }

    private static MappingRequest mapping(ByteBuf body) throws WireException {
        Wire.need(body, 1);
        boolean all = body.readByte() != 0;
        return new MappingRequest(all, Wire.texts(body, Wire.MAX_LIST));
    }

    private static Welcome welcome(ByteBuf body) throws WireException {
        String session = Wire.text(body, 64);
        long epoch = Wire.number(body);
        String version = Wire.text(body, 64);
        String domain = Wire.text(body, 255);
        int count = Wire.count(body, MAX_SERVERS);
        List<InetAddress> servers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            servers.add(Wire.address(body));
        }
        return new Welcome(
                session,
                epoch,
                version,
                new Welcome.Zone(domain, servers),
                Wire.cidrs(body),
                Wire.cidrs(body),
                Wire.texts(body, Welcome.MAX_NAMESPACES),
                Wire.texts(body, Wire.MAX_LIST),
                Wire.text(body, Wire.MAX_TEXT_BYTES));
    }
}
