package tp.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import tp.spi.common.AddressText;

/**
 * The names of Services as the cluster's DNS would answer them, where none can be asked: the
 * Kubernetes DNS specification 1.1.0 over what a {@link Builder} was told. Immutable.
 *
 * <p>A name exists if it, or a name below it, has records (RFC 8020). A name that leads outside the
 * cluster is not resolved here, where it may be another one: it is refused with an extended error,
 * as is what lies in a namespace that the builder was not told of.
 *
 * @see <a href="https://github.com/kubernetes/dns/blob/master/docs/specification.md">Kubernetes
 *     DNS-Based Service Discovery, version 1.1.0</a>
 */
public final class ServiceZone {

    private static final String VERSION = "1.1.0";

    /** What CoreDNS says by default. */
    private static final long TTL_S = 5;

    private static final int MOST_ALIASES = 8;

    private static final ExtendedErrorCodeOption OUTSIDE =
            new ExtendedErrorCodeOption(
                    ExtendedErrorCodeOption.NOT_SUPPORTED,
                    "leads outside the cluster, which needs the manager");

    private static final ExtendedErrorCodeOption UNMAPPED =
            new ExtendedErrorCodeOption(
                    ExtendedErrorCodeOption.PROHIBITED, "namespace is not mapped");

    private final Name origin;
    private final SOARecord soa;
    private final Name svcOrigin;
    private final Name podOrigin;
    private final Map<Name, List<Record>> records;

    /** The addresses of pods, by their namespace. */
    private final Map<String, Set<InetAddress>> pods;

    private ServiceZone(Builder told) {
        origin = told.origin;
        soa = told.soa;
        svcOrigin = told.svcOrigin;
        podOrigin = told.podOrigin;
        Map<Name, List<Record>> copy = new HashMap<>();
        told.records.forEach((name, set) -> copy.put(name, List.copyOf(set)));
        records = Map.copyOf(copy);
        Map<String, Set<InetAddress>> addresses = new HashMap<>();
        told.pods.forEach((namespace, set) -> addresses.put(namespace, Set.copyOf(set)));
        pods = Map.copyOf(addresses);
    }

    /**
     * {@return the whole answer, empty where the query is none}
     *
     * @param query a DNS message; borrowed for the call
     */
    public Optional<byte[]> answer(ByteBuffer query) {
        Message asked;
        try {
            asked = new Message(query.duplicate());
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
        Record question = asked.getQuestion();
        if (question == null || asked.getHeader().getFlag(Flags.QR)) {
            return Optional.empty();
        }
        Message answer = new Message(asked.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.AA);
        answer.getHeader().setFlag(Flags.RA);
        answer.addRecord(question, Section.QUESTION);
        EDNSOption[] why = fill(question, answer).stream().toArray(EDNSOption[]::new);
        if (asked.getOPT() != null) {
            answer.addRecord(
                    new OPTRecord(Question.OWN_UDP_BYTES, 0, 0, 0, why), Section.ADDITIONAL);
        }
        return Optional.of(answer.toWire(Message.MAXLENGTH));
    }

    /** {@return why it was refused, empty where it was not} */
    private Optional<ExtendedErrorCodeOption> fill(Record question, Message answer) {
        Name name = question.getName();
        for (int aliases = 0; aliases <= MOST_ALIASES; aliases++) {
            List<Record> all = records(name);
            List<Record> found = all == null ? List.of() : of(all, question.getType());
            found.forEach(record -> answer.addRecord(record, Section.ANSWER));
            if (!found.isEmpty()) {
                addTargets(found, answer);
                return Optional.empty();
            }
            CNAMERecord alias = all == null ? null : alias(all);
            if (all == null && isUnmapped(name)) {
                return refuse(answer, UNMAPPED);
            }
            if (alias == null) {
                if (all == null) {
                    answer.getHeader().setRcode(Rcode.NXDOMAIN);
                }
                answer.addRecord(soa, Section.AUTHORITY);
                return Optional.empty();
            }
            if (!alias.getTarget().subdomain(origin)) {
                return refuse(answer, OUTSIDE);
            }
            answer.addRecord(alias, Section.ANSWER);
            name = alias.getTarget();
        }
        answer.removeAllRecords(Section.ANSWER);
        answer.getHeader().setRcode(Rcode.SERVFAIL);
        return Optional.empty();
    }

    private static Optional<ExtendedErrorCodeOption> refuse(
            Message answer, ExtendedErrorCodeOption why) {
        answer.removeAllRecords(Section.ANSWER);
        answer.getHeader().setRcode(Rcode.REFUSED);
        return Optional.of(why);
    }

    /** {@return whether it lies in a namespace of which nothing is known} */
    private boolean isUnmapped(Name name) {
        int before = name.labels() - origin.labels();
        if (before < 2 || !(name.subdomain(svcOrigin) || name.subdomain(podOrigin))) {
            return false;
        }
        return !records.containsKey(new Name(name, before - 2));
    }

    /** {@return all records of the name, null where it does not exist} */
    private @Nullable List<Record> records(Name name) {
        List<Record> known = records.get(name);
        if (known != null
                || !name.subdomain(podOrigin)
                || name.labels() != podOrigin.labels() + 2) {
            return known;
        }
        String label = name.getLabelString(0);
        String namespace = name.getLabelString(1).toLowerCase(Locale.ROOT);
        return literal(label.replace('-', '.'))
                .or(() -> literal(label.replace('-', ':')))
                .filter(address -> pods.getOrDefault(namespace, Set.of()).contains(address))
                .map(address -> List.of(ofAddress(name, address)))
                .orElse(null);
    }

    private static Optional<InetAddress> literal(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Record ofAddress(Name name, InetAddress address) {
        return address.getAddress().length == 4
                ? new ARecord(name, DClass.IN, TTL_S, address)
                : new AAAARecord(name, DClass.IN, TTL_S, address);
    }

    private static List<Record> of(List<Record> records, int type) {
        return records.stream().filter(one -> type == Type.ANY || one.getType() == type).toList();
    }

    private static @Nullable CNAMERecord alias(List<Record> records) {
        return records.stream()
                .filter(CNAMERecord.class::isInstance)
                .map(CNAMERecord.class::cast)
                .findFirst()
                .orElse(null);
    }

    /** RFC 2782: the addresses of the targets come along. */
    private void addTargets(List<Record> found, Message answer) {
        Set<Record> addresses = new LinkedHashSet<>();
        for (Record one : found) {
            if (one instanceof SRVRecord service) {
                records.getOrDefault(service.getTarget(), List.of()).stream()
                        .filter(it -> it instanceof ARecord || it instanceof AAAARecord)
                        .forEach(addresses::add);
            }
        }
        addresses.forEach(address -> answer.addRecord(address, Section.ADDITIONAL));
    }

    /**
     * A port.
     *
     * @param name empty where it has none, and so no SRV record
     * @param protocol such as {@code TCP}
     */
    public record Port(String name, String protocol, int number) {}

    /** What one endpoint of a headless Service is. */
    public record Endpoint(InetAddress address, String hostname, List<Port> ports) {
        public Endpoint {
            ports = List.copyOf(ports);
        }
    }

    /** Collects the names. Not thread-safe. */
    public static final class Builder {

        private final Name origin;
        private final SOARecord soa;
        private final Name svcOrigin;
        private final Name podOrigin;
        private final Map<Name, Set<Record>> records = new HashMap<>();
        private final Map<String, Set<InetAddress>> pods = new HashMap<>();

        /**
         * @param clusterDomain such as {@code cluster.local}
         */
        public Builder(String clusterDomain) {
            origin = name(clusterDomain + ".", Name.root).orElseThrow();
            svcOrigin = name("svc", origin).orElseThrow();
            podOrigin = name("pod", origin).orElseThrow();
            soa =
                    new SOARecord(
                            origin,
                            DClass.IN,
                            TTL_S,
                            name("ns.dns", origin).orElseThrow(),
                            name("hostmaster", origin).orElseThrow(),
                            1,
                            7200,
                            1800,
                            86_400,
                            TTL_S);
            add(soa);
            exists(svcOrigin);
            add(
                    new TXTRecord(
                            name("dns-version", origin).orElseThrow(), DClass.IN, TTL_S, VERSION));
        }

        /** A namespace exists, whatever it holds. */
        public Builder namespace(String namespace) {
            name(namespace, svcOrigin).ifPresent(this::exists);
            name(namespace, podOrigin).ifPresent(this::exists);
            return this;
        }

        /** §2.3: the ClusterIPs, an SRV record for each named port, and the way back. */
        public Builder clusterIps(
                String namespace, String service, List<InetAddress> addresses, List<Port> ports) {
            service(namespace, service)
                    .ifPresent(
                            name -> {
                                addresses.forEach(address -> address(name, address));
                                addresses.forEach(address -> pointer(address, name));
                                ports.forEach(port -> port(name, port, name));
                            });
            return this;
        }

        /** §2.4: the endpoints, each also under a name of its own. */
        public Builder headless(String namespace, String service, List<Endpoint> endpoints) {
            service(namespace, service)
                    .ifPresent(name -> endpoints.forEach(one -> endpoint(name, one)));
            return this;
        }

        private void endpoint(Name service, Endpoint endpoint) {
            InetAddress address = endpoint.address();
            String label = endpoint.hostname().isEmpty() ? dashed(address) : endpoint.hostname();
            address(service, address);
            name(label, service)
                    .ifPresent(
                            own -> {
                                address(own, address);
                                pointer(address, own);
                                endpoint.ports().forEach(port -> port(service, port, own));
                            });
        }

        /**
         * §2.5: another name. The Service has a name also where that leads to what is none, but
         * nothing that could be said of it.
         */
        public Builder alias(String namespace, String service, String target) {
            service(namespace, service)
                    .ifPresent(
                            name -> {
                                exists(name);
                                name(target.endsWith(".") ? target : target + ".", Name.root)
                                        .map(to -> new CNAMERecord(name, DClass.IN, TTL_S, to))
                                        .ifPresent(this::add);
                            });
            return this;
        }

        /** The name of a pod by its address: deprecated, and asked for all the same. */
        public Builder pod(String namespace, InetAddress address) {
            pods.computeIfAbsent(namespace, name -> new HashSet<>()).add(address);
            return this;
        }

        private Optional<Name> service(String namespace, String service) {
            return name(service + "." + namespace, svcOrigin);
        }

        private void port(Name service, Port port, Name target) {
            if (port.name().isEmpty()) {
                return;
            }
            String label = "_" + port.name() + "._" + port.protocol().toLowerCase(Locale.ROOT);
            int number = port.number();
            name(label, service)
                    .map(name -> new SRVRecord(name, DClass.IN, TTL_S, 0, 100, number, target))
                    .ifPresent(this::add);
        }

        private void address(Name name, InetAddress address) {
            add(ofAddress(name, address));
        }

        private void pointer(InetAddress address, Name name) {
            add(new PTRRecord(ReverseMap.fromAddress(address), DClass.IN, TTL_S, name));
        }

        private static String dashed(InetAddress address) {
            return AddressText.of(address).replace('.', '-').replace(':', '-');
        }

        private void add(Record record) {
            exists(record.getName()).add(record);
        }

        /** Makes the name exist, with all names between it and the origin. */
        private Set<Record> exists(Name name) {
            for (Name above = name;
                    above.labels() > origin.labels() && above.subdomain(origin);
                    above = new Name(above, 1)) {
                records.computeIfAbsent(above, key -> new LinkedHashSet<>());
            }
            return records.computeIfAbsent(name, key -> new LinkedHashSet<>());
        }

        /**
         * {@return the name, empty where DNS has none such} Kubernetes allows ports and external
         * names whose labels are longer than the 63 bytes of RFC 1035 §2.3.4.
         */
        private static Optional<Name> name(String text, Name origin) {
            try {
                return Optional.of(Name.fromString(text, origin));
            } catch (TextParseException e) {
                return Optional.empty();
            }
        }

        public ServiceZone build() {
            return new ServiceZone(this);
        }
    }
}
