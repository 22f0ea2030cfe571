package tp.dns;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.ExtendedFlags;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** One well-formed question, and the ways to answer the one who asked it. */
final class Question {

    static final int HEADER_BYTES = 12;

    /** The longest name takes 255 bytes; the rest is room for EDNS options. */
    private static final int MAX_QUERY_BYTES = 4096;

    /** RFC 1035 §4.2.1: what fits for those who do not say otherwise. */
    private static final int UDP_BYTES = 512;

    /** What we can take by UDP ourselves: no fragments on any path (DNS flag day 2020). */
    static final int OWN_UDP_BYTES = 1232;

    /** What came in: a question, or what is to be said of something else. */
    sealed interface Parsed {
        record Good(Question question) implements Parsed {}

        record Bad(Optional<byte[]> reply) implements Parsed {}
    }

    private final byte[] wire;
    private final Message message;
    private final Record record;
    private final boolean tcp;
    private final Consumer<ByteBuffer> asker;

    private Question(byte[] wire, Message message, boolean tcp, Consumer<ByteBuffer> asker) {
        this.wire = wire;
        this.message = message;
        this.record = message.getQuestion();
        this.tcp = tcp;
        this.asker = asker;
    }

    static Parsed parse(byte[] wire, boolean tcp, Consumer<ByteBuffer> asker) {
        // An answer to an answer would go round for ever.
        if (wire.length < HEADER_BYTES || (wire[2] & 0x80) != 0) {
            return new Parsed.Bad(Optional.empty());
        }
        if (((wire[2] >> 3) & 0xf) != Opcode.QUERY) {
            return bad(wire, Rcode.NOTIMP);
        }
        int questions = ((wire[4] & 0xff) << 8) | (wire[5] & 0xff);
        if (questions != 1 || wire.length > MAX_QUERY_BYTES) {
            return bad(wire, Rcode.FORMERR);
        }
        Message message;
        try {
            message = new Message(wire);
        } catch (IOException | RuntimeException e) {
            return bad(wire, Rcode.FORMERR);
        }
        if (message.getQuestion() == null) {
            return bad(wire, Rcode.FORMERR); // dnsjava takes any end of a message that says TC
        }
        Question question = new Question(wire, message, tcp, asker);
        List<Record> additional = question.message.getSection(Section.ADDITIONAL);
        if (additional.stream().filter(record -> record.getType() == Type.OPT).count() > 1) {
            return bad(wire, Rcode.FORMERR); // RFC 6891 §6.1.1
        }
        OPTRecord opt = question.message.getOPT();
        if (opt != null && opt.getVersion() != 0) {
            return new Parsed.Bad(
                    Optional.of(question.emptyReply(Rcode.BADVERS, null).toWire())); // §6.1.3
        }
        return new Parsed.Good(question);
    }

    private static Parsed bad(byte[] wire, int rcode) {
        byte[] reply = new byte[HEADER_BYTES];
        reply[0] = wire[0];
        reply[1] = wire[1];
        reply[2] = (byte) (0x80 | (wire[2] & 0x79)); // QR, the same opcode, the same RD
        reply[3] = (byte) rcode;
        return new Parsed.Bad(Optional.of(reply));
    }

    Name name() {
        return record.getName();
    }

    int type() {
        return record.getType();
    }

    int dnsClass() {
        return record.getDClass();
    }

    boolean dnssecOk() {
        OPTRecord opt = message.getOPT();
        return opt != null && (opt.getFlags() & ExtendedFlags.DO) != 0;
    }

    boolean checkingDisabled() {
        return message.getHeader().getFlag(Flags.CD);
    }

    boolean tcp() {
        return tcp;
    }

    /** {@return the message as it came, not to be changed} */
    byte[] wire() {
        return wire;
    }

    /** Answers without records. */
    void reply(int rcode, @Nullable ExtendedErrorCodeOption why) {
        send(emptyReply(rcode, why));
    }

    /**
     * Answers what the cluster said of the full name as if it had been said of the asked name.
     *
     * @param asHere gives a record the names that hold here
     */
    void reply(ClusterAnswer answer, long ageNs, UnaryOperator<Record> asHere) {
        Message reply = emptyReply(answer.rcode(), answer.why());
        if (answer.authoritative()) {
            reply.getHeader().setFlag(Flags.AA);
        }
        int age = (int) (ageNs / 1_000_000_000L);
        for (int section = Section.ANSWER; section <= Section.ADDITIONAL; section++) {
            for (Record one : answer.section(section)) {
                reply.addRecord(ClusterAnswer.aged(asHere.apply(one), age), section);
            }
        }
        send(reply);
    }

    /** Hands on a message of the host's own servers, with the identifier of this question. */
    void reply(byte[] answer) {
        byte[] own = answer.clone();
        own[0] = wire[0];
        own[1] = wire[1];
        if (tcp || own.length <= udpLimit()) {
            asker.accept(ByteBuffer.wrap(own));
            return;
        }
        try {
            asker.accept(ByteBuffer.wrap(new Message(own).toWire(udpLimit())));
        } catch (IOException | RuntimeException e) {
            reply(Rcode.SERVFAIL, null);
        }
    }

    private Message emptyReply(int rcode, @Nullable ExtendedErrorCodeOption why) {
        Message reply = new Message(message.getHeader().getID());
        Header header = reply.getHeader();
        header.setFlag(Flags.QR);
        header.setFlag(Flags.RA);
        if (message.getHeader().getFlag(Flags.RD)) {
            header.setFlag(Flags.RD);
        }
        if (checkingDisabled()) {
            header.setFlag(Flags.CD);
        }
        header.setRcode(rcode & 0xf);
        reply.addRecord(record, Section.QUESTION);
        if (message.getOPT() != null) {
            int flags = dnssecOk() ? ExtendedFlags.DO : 0;
            OPTRecord opt =
                    why == null
                            ? new OPTRecord(OWN_UDP_BYTES, rcode >> 4, 0, flags)
                            : new OPTRecord(OWN_UDP_BYTES, rcode >> 4, 0, flags, why);
            reply.addRecord(opt, Section.ADDITIONAL);
        }
        return reply;
    }

    private void send(Message reply) {
        asker.accept(ByteBuffer.wrap(reply.toWire(tcp ? Message.MAXLENGTH : udpLimit())));
    }

    /** RFC 6891 §6.2.3: less than 512 means 512. */
    private int udpLimit() {
        OPTRecord opt = message.getOPT();
        return opt == null ? UDP_BYTES : Math.max(UDP_BYTES, opt.getPayloadSize());
    }
}
