package tp.manager;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Lets through the questions that are about granted namespaces, and refuses all others: a client
 * that was changed to ask for everything learns nothing more.
 */
final class NameGuard {

    private static final int MAX_QUERY_BYTES = 4096;
    private static final int HEADER_BYTES = 12;
    private static final byte[] NO_ANSWER = new byte[0];

    /** Who asks: what he may reach, and what his questions let him reach besides. */
    record Asker(Set<String> granted, Permits permits) {}

    private final List<String> zone;
    private final Reach reach;
    private final Coverage coverage;
    private final External external;
    private final DnsForwarder forwarder;

    NameGuard(
            String clusterDomain,
            Reach reach,
            Coverage coverage,
            External external,
            DnsForwarder forwarder) {
        this.zone = List.of(clusterDomain.toLowerCase(Locale.ROOT).split("\\."));
        this.reach = reach;
        this.coverage = coverage;
        this.external = external;
        this.forwarder = forwarder;
    }

    /** Replies once; an empty reply says that there is no answer. */
    void answer(byte[] query, boolean tcp, Asker asker, Consumer<byte[]> reply) {
        Message message = parse(query);
        if (message == null) {
            reply.accept(NO_ANSWER);
            return;
        }
        Optional<String> namespace = allowedFor(message, asker);
        if (namespace.isEmpty()) {
            reply.accept(refusal(message));
            return;
        }
        byte[] answer = forwarder.ask(query, tcp);
        // Before the client knows them: its connect may be here before this method has returned.
        Answers.addresses(
                answer,
                (address, ttlSeconds) -> {
                    if (reach.isOutside(address) && mayBeLent(namespace.get(), address)) {
                        asker.permits().add(address, namespace.get(), ttlSeconds);
                    }
                });
        reply.accept(answer);
    }

    /** What the administrator names is his to know. */
    private boolean mayBeLent(String namespace, InetAddress address) {
        return namespace.equals(Permits.NO_NAMESPACE) || coverage.mayBeOutside(address);
    }

    private static @Nullable Message parse(byte[] query) {
        if (query.length < HEADER_BYTES || query.length > MAX_QUERY_BYTES) {
            return null;
        }
        try {
            Message message = new Message(query);
            boolean isQuestion =
                    !message.getHeader().getFlag(Flags.QR)
                            && message.getHeader().getOpcode() == Opcode.QUERY
                            && message.getHeader().getCount(Section.QUESTION) == 1
                            && message.getQuestion() != null;
            return isQuestion ? message : null;
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    /** {@return the namespace on whose account the question is asked; empty: it is not} */
    private Optional<String> allowedFor(Message message, Asker asker) {
        Record question = message.getQuestion();
        if (question.getDClass() != DClass.IN
                || question.getType() == Type.AXFR
                || question.getType() == Type.IXFR) {
            return Optional.empty();
        }
        List<String> labels = labels(question.getName());
        int before = labels.size() - zone.size();
        if (before >= 0 && labels.subList(before, labels.size()).equals(zone)) {
            return inZone(labels.subList(0, before)).filter(name -> isGranted(name, asker));
        }
        InetAddress address = address(question.getName());
        boolean allowed =
                address == null
                        ? external.permits(labels)
                        : reach.isGranted(address, asker.granted())
                                || external.permits(address)
                                || asker.permits().allows(address, asker.granted());
        return allowed ? Optional.of(Permits.NO_NAMESPACE) : Optional.empty();
    }

    private static boolean isGranted(String namespace, Asker asker) {
        return namespace.equals(Permits.NO_NAMESPACE) || asker.granted().contains(namespace);
    }

    /** Names of the zone itself, such as dns-version, are nobody's; others name their namespace. */
    private static Optional<String> inZone(List<String> labels) {
        int size = labels.size();
        if (size < 2) {
            return Optional.of(Permits.NO_NAMESPACE);
        }
        String section = labels.getLast();
        return section.equals("svc") || section.equals("pod")
                ? Optional.of(labels.get(size - 2))
                : Optional.empty();
    }

    /** {@return the address of a whole reverse name (RFC 1035 §3.5, RFC 3596 §2.5)} */
    private static @Nullable InetAddress address(Name name) {
        if (name.labels() != 7 && name.labels() != 35) {
            return null;
        }
        try {
            return ReverseMap.fromName(name);
        } catch (UnknownHostException | RuntimeException e) {
            return null;
        }
    }

    private static List<String> labels(Name name) {
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < name.labels() - 1; i++) {
            labels.add(name.getLabelString(i).toLowerCase(Locale.ROOT));
        }
        return labels;
    }

    /** REFUSED, and for those who understand it, why (RFC 8914 §4.19). */
    private static byte[] refusal(Message query) {
        Message refusal = new Message(query.getHeader().getID());
        refusal.getHeader().setFlag(Flags.QR);
        if (query.getHeader().getFlag(Flags.RD)) {
            refusal.getHeader().setFlag(Flags.RD);
        }
        refusal.getHeader().setRcode(Rcode.REFUSED);
        refusal.addRecord(query.getQuestion(), Section.QUESTION);
        if (query.getOPT() != null) {
            refusal.addRecord(
                    new OPTRecord(
                            1232,
                            0,
                            0,
                            0,
                            new ExtendedErrorCodeOption(
                                    ExtendedErrorCodeOption.PROHIBITED,
                                    "namespace is not granted")),
                    Section.ADDITIONAL);
        }
        return refusal.toWire();
    }
}
