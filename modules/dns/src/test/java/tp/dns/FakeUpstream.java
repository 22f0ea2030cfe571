package tp.dns;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** A name server with a handful of records, which answers at once, on demand or never. */
final class FakeUpstream implements Upstream {

    /** What is waiting for an answer. */
    record Waiting(Message query, boolean tcp, Listener listener) {}

    private final Map<String, List<Record>> records = new HashMap<>();
    private final String apex;
    private final List<String> asked = new ArrayList<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private Failure failure = Failure.NO_SERVER;
    private boolean failing;
    private boolean holding;
    private int udpBytes = Message.MAXLENGTH;

    /**
     * @param apex has an SOA record, and all names below it that are not known do not exist
     */
    FakeUpstream(String apex) {
        this.apex = apex;
    }

    FakeUpstream with(String owner, String type, long ttlSeconds, String data) {
        try {
            Name name = Name.fromString(owner);
            records.computeIfAbsent(owner, key -> new ArrayList<>())
                    .add(Record.fromString(name, Type.value(type), 1, ttlSeconds, data, Name.root));
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
        return this;
    }

    FakeUpstream fail(Failure failure) {
        this.failing = true;
        this.failure = failure;
        return this;
    }

    FakeUpstream hold() {
        holding = true;
        return this;
    }

    FakeUpstream udpBytes(int bytes) {
        udpBytes = bytes;
        return this;
    }

    void release() {
        holding = false;
        List<Waiting> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(one -> one.listener.answered(answer(one.query, one.tcp)));
    }

    /** {@return each question so far, as "name type", with " tcp" where it was over TCP} */
    List<String> asked() {
        return asked;
    }

    @Override
    public void ask(byte[] query, boolean tcp, Listener listener) {
        Message message = parse(query);
        Record question = message.getQuestion();
        asked.add(question.getName() + " " + Type.string(question.getType()) + (tcp ? " tcp" : ""));
        if (failing) {
            listener.failed(failure);
        } else if (holding) {
            waiting.add(new Waiting(message, tcp, listener));
        } else {
            listener.answered(answer(message, tcp));
        }
    }

    private byte[] answer(Message query, boolean tcp) {
        Record question = query.getQuestion();
        Message answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.addRecord(question, Section.QUESTION);
        String owner = question.getName().toString();
        List<Record> known =
                records.getOrDefault(owner.toLowerCase(java.util.Locale.ROOT), List.of());
        known.stream()
                .filter(one -> one.getType() == question.getType() || one.getType() == Type.CNAME)
                .forEach(one -> answer.addRecord(one, Section.ANSWER));
        if (known.isEmpty()) {
            answer.getHeader().setRcode(Rcode.NXDOMAIN);
        }
        if (answer.getSection(Section.ANSWER).isEmpty()) {
            answer.addRecord(soa(), Section.AUTHORITY);
        }
        return answer.toWire(tcp ? Message.MAXLENGTH : udpBytes);
    }

    private Record soa() {
        try {
            return Record.fromString(
                    Name.fromString(apex), Type.SOA, 1, 30, "ns. root. 1 2 3 4 4", Name.root);
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static Message parse(byte[] wire) {
        try {
            return new Message(wire);
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static Message query(String name, String type) {
        try {
            Message query = new Message(0x4711);
            query.getHeader().setFlag(Flags.RD);
            query.addRecord(
                    Record.newRecord(Name.fromString(name), Type.value(type), 1), Section.QUESTION);
            return query;
        } catch (TextParseException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
