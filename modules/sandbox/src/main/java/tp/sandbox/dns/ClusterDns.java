package tp.sandbox.dns;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * The cluster's DNS: answers for the cluster's zone and the reverse names of its Services, forwards
 * every other name to the world outside.
 *
 * @see <a href="https://github.com/kubernetes/dns/blob/master/docs/specification.md">Kubernetes
 *     DNS-Based Service Discovery</a>
 */
public final class ClusterDns implements DnsResponder {

    private static final int MAX_ALIASES = 8;

    private final Supplier<DnsZone> zones;
    private final DnsResponder outside;

    public ClusterDns(Supplier<DnsZone> zones, DnsResponder outside) {
        this.zones = zones;
        this.outside = outside;
    }

    @Override
    public void answer(Message query, Message response) {
        DnsZone zone = zones.get();
        Record question = query.getQuestion();
        if (!zone.contains(question.getName())) {
            outside.answer(query, response);
            return;
        }
        response.getHeader().setFlag(Flags.AA);
        response.getHeader().setFlag(Flags.RA);
        answerInZone(zone, question, response);
    }

    private void answerInZone(DnsZone zone, Record question, Message response) {
        Name name = question.getName();
        for (int aliases = 0; aliases < MAX_ALIASES; aliases++) {
            List<Record> found = found(zone, name, question.getType());
            found.forEach(answer -> response.addRecord(answer, Section.ANSWER));
            if (!found.isEmpty()) {
                addTargets(zone, found, response);
                return;
            }
            List<Record> alias = zone.find(name, Type.CNAME);
            if (alias.isEmpty()) {
                if (!zone.exists(name) && podAddress(zone, name).isEmpty()) {
                    response.getHeader().setRcode(Rcode.NXDOMAIN);
                }
                response.addRecord(zone.soa(), Section.AUTHORITY);
                return;
            }
            response.addRecord(alias.getFirst(), Section.ANSWER);
            name = ((CNAMERecord) alias.getFirst()).getTarget();
            if (!zone.contains(name)) {
                follow(name, question.getType(), response);
                return;
            }
        }
        response.getHeader().setRcode(Rcode.SERVFAIL);
    }

    /** Resolves the target of an ExternalName Service as any client of the outside would. */
    private void follow(Name target, int type, Message response) {
        Message query = Message.newQuery(Record.newRecord(target, type, DClass.IN));
        Message answer = new Message(query.getHeader().getID());
        outside.answer(query, answer);
        response.getHeader().setRcode(answer.getHeader().getRcode());
        for (int section : new int[] {Section.ANSWER, Section.AUTHORITY}) {
            answer.getSection(section).forEach(found -> response.addRecord(found, section));
        }
    }

    private static List<Record> found(DnsZone zone, Name name, int type) {
        List<Record> found = zone.find(name, type);
        if (!found.isEmpty() || (type != Type.A && type != Type.AAAA && type != Type.ANY)) {
            return found;
        }
        long ttl = zone.soa().getTTL();
        return podAddress(zone, name)
                .filter(address -> type == Type.ANY || type == type(address))
                .map(
                        address ->
                                type(address) == Type.A
                                        ? List.<Record>of(
                                                new ARecord(name, DClass.IN, ttl, address))
                                        : List.<Record>of(
                                                new AAAARecord(name, DClass.IN, ttl, address)))
                .orElse(List.of());
    }

    private static int type(InetAddress address) {
        return address.getAddress().length == 4 ? Type.A : Type.AAAA;
    }

    /** The deprecated pod names: {@code 10-244-0-5.default.pod.cluster.local}. */
    private static Optional<InetAddress> podAddress(DnsZone zone, Name name) {
        Name pods = Names.below("pod", zone.origin());
        if (name.labels() != pods.labels() + 2 || !name.subdomain(pods)) {
            return Optional.empty();
        }
        String namespace = name.getLabelString(1).toLowerCase(Locale.ROOT);
        if (!zone.exists(Names.below(namespace + ".svc", zone.origin()))) {
            return Optional.empty();
        }
        String label = name.getLabelString(0);
        return literal(label.replace('-', '.')).or(() -> literal(label.replace('-', ':')));
    }

    private static Optional<InetAddress> literal(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** RFC 2782: the addresses of the targets come along. */
    private static void addTargets(DnsZone zone, List<Record> found, Message response) {
        for (Record answer : found) {
            if (answer instanceof SRVRecord service) {
                for (int type : new int[] {Type.A, Type.AAAA}) {
                    for (Record address : zone.find(service.getTarget(), type)) {
                        if (!response.findRecord(address, Section.ADDITIONAL)) {
                            response.addRecord(address, Section.ADDITIONAL);
                        }
                    }
                }
            }
        }
    }
}
