package tp.dns;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TSIGRecord;
import org.xbill.DNS.Type;

/**
 * What the cluster's DNS said.
 *
 * @param why an extended error (RFC 8914), if it gave one
 * @param ttlSeconds how long it may be kept, 0 for not at all
 * @param bytes of the message it came in
 */
record ClusterAnswer(
        int rcode,
        boolean authoritative,
        List<List<Record>> sections,
        @Nullable ExtendedErrorCodeOption why,
        long ttlSeconds,
        int bytes) {

    private static final long MAX_TTL_SECONDS = 300;

    /** Short: a service that was just created is to be seen (RFC 2308 §5 allows any lower cap). */
    private static final long MAX_NEGATIVE_TTL_SECONDS = 5;

    /** {@return the answer, or null if this is not an answer to that question} */
    static @Nullable ClusterAnswer parse(byte[] wire, Message query) {
        Message message;
        try {
            message = new Message(wire);
            requireWritable(message);
        } catch (IOException | RuntimeException e) {
            return null;
        }
        Record asked = query.getQuestion();
        Record echoed = message.getQuestion();
        if (message.getHeader().getID() != query.getHeader().getID()
                || !message.getHeader().getFlag(Flags.QR)
                || echoed == null
                || !echoed.getName().equals(asked.getName())
                || echoed.getType() != asked.getType()
                || echoed.getDClass() != asked.getDClass()) {
            return null;
        }
        List<List<Record>> sections =
                Stream.of(Section.ANSWER, Section.AUTHORITY, Section.ADDITIONAL)
                        .map(section -> endToEnd(message.getSection(section)))
                        .toList();
        return new ClusterAnswer(
                message.getRcode(),
                message.getHeader().getFlag(Flags.AA),
                sections,
                why(message.getOPT()),
                ttlSeconds(message.getRcode(), sections.get(0), sections.get(1)),
                wire.length);
    }

    /**
     * dnsjava reads some records that it cannot write, such as a WKS (RFC 1035 §3.4.2) without any
     * service: it throws. Without such a record the answer would say something else.
     */
    private static void requireWritable(Message message) {
        for (int section = Section.ANSWER; section <= Section.ADDITIONAL; section++) {
            message.getSection(section).forEach(Record::toWireCanonical);
        }
    }

    List<Record> section(int section) {
        return sections.get(section - Section.ANSWER);
    }

    /** {@return the same with other records} */
    ClusterAnswer with(List<List<Record>> otherSections) {
        return new ClusterAnswer(rcode, authoritative, otherSections, why, ttlSeconds, bytes);
    }

    /** OPT (RFC 6891 §6.2.1) and TSIG (RFC 8945 §5.2) are between two neighbours. */
    private static List<Record> endToEnd(List<Record> records) {
        return records.stream()
                .filter(record -> !(record instanceof OPTRecord || record instanceof TSIGRecord))
                .toList();
    }

    private static @Nullable ExtendedErrorCodeOption why(@Nullable OPTRecord opt) {
        if (opt == null) {
            return null;
        }
        for (EDNSOption option : opt.getOptions(EDNSOption.Code.EDNS_EXTENDED_ERROR)) {
            if (option instanceof ExtendedErrorCodeOption why) {
                return why;
            }
        }
        return null;
    }

    private static long ttlSeconds(int rcode, List<Record> answer, List<Record> authority) {
        if (rcode != Rcode.NOERROR && rcode != Rcode.NXDOMAIN) {
            return 0;
        }
        long ttl = answer.stream().mapToLong(Record::getTTL).min().orElse(MAX_TTL_SECONDS);
        boolean negative =
                rcode == Rcode.NXDOMAIN
                        || answer.stream().allMatch(one -> one.getType() == Type.CNAME);
        if (!negative) {
            return Math.min(ttl, MAX_TTL_SECONDS);
        }
        // RFC 2308 §5: without an SOA it is not kept at all.
        long negativeTtl =
                authority.stream()
                        .filter(SOARecord.class::isInstance)
                        .map(SOARecord.class::cast)
                        .mapToLong(soa -> Math.min(soa.getTTL(), soa.getMinimum()))
                        .min()
                        .orElse(0);
        return Math.min(Math.min(ttl, negativeTtl), MAX_NEGATIVE_TTL_SECONDS);
    }

    /** {@return the record with what is left of its time to live} */
    static Record aged(Record record, int seconds) {
        if (seconds <= 0) {
            return record;
        }
        byte[] wire = record.toWire(Section.ANSWER);
        int left = (int) Math.max(0, record.getTTL() - seconds);
        int at = record.getName().length() + 4; // behind owner, type and class
        for (int i = 0; i < 4; i++) {
            wire[at + i] = (byte) (left >> (24 - 8 * i));
        }
        try {
            return Record.fromWire(wire, Section.ANSWER);
        } catch (IOException e) {
            return record;
        }
    }
}
