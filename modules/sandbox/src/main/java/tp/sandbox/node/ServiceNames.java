package tp.sandbox.node;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.TXTRecord;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.dns.DnsZone;
import tp.sandbox.dns.Names;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/**
 * The cluster's zone as the Services and EndpointSlices of the moment make it.
 *
 * @see <a href="https://github.com/kubernetes/dns/blob/master/docs/specification.md">Kubernetes
 *     DNS-Based Service Discovery, version 1.1.0</a>
 */
final class ServiceNames {

    private static final String VERSION = "1.1.0";
    private static final Name ZONE = Names.absolute("cluster.local");

    /** What CoreDNS says by default. */
    private static final long TTL_S = 5;

    private final ObjectStore store;
    private volatile DnsZone zone = new DnsZone.Builder(ZONE, TTL_S).build();

    ServiceNames(ObjectStore store) {
        this.store = store;
    }

    DnsZone zone() {
        return zone;
    }

    void reconcile() {
        DnsZone.Builder builder = new DnsZone.Builder(ZONE, TTL_S);
        Name server = Names.below("ns.dns", ZONE);
        builder.add(new NSRecord(ZONE, DClass.IN, TTL_S, server));
        builder.address(server, InetAddress.ofLiteral(NodeNetwork.DNS_SERVICE_ADDRESS));
        builder.add(new TXTRecord(Names.below("dns-version", ZONE), DClass.IN, TTL_S, VERSION));
        for (ObjectNode namespace : store.list(Resources.NAMESPACES, "")) {
            builder.exists(Names.below(Json.name(namespace) + ".svc", ZONE));
            builder.exists(Names.below(Json.name(namespace) + ".pod", ZONE));
        }
        List<ObjectNode> slices = store.list(Resources.ENDPOINT_SLICES, "");
        for (ObjectNode service : store.list(Resources.SERVICES, "")) {
            add(builder, service, slices);
        }
        zone = builder.build();
    }

    private static void add(DnsZone.Builder zone, ObjectNode service, List<ObjectNode> slices) {
        Name name = Names.below(Json.name(service) + "." + Json.namespace(service) + ".svc", ZONE);
        if (Json.text(service, "/spec/type").equals("ExternalName")) {
            // §2.5: a CNAME, and nothing about ports.
            Name target = Names.absolute(Json.text(service, "/spec/externalName"));
            zone.add(new CNAMERecord(name, DClass.IN, TTL_S, target));
        } else if (Json.text(service, "/spec/clusterIP").equals("None")) {
            addHeadless(zone, service, name, slices);
        } else {
            addClusterIp(zone, service, name);
        }
    }

    /** §2.3: the ClusterIPs, one SRV record per named port, and the way back. */
    private static void addClusterIp(DnsZone.Builder zone, ObjectNode service, Name name) {
        List<InetAddress> addresses =
                Json.texts(service, "/spec/clusterIPs").stream()
                        .filter(text -> !text.isEmpty())
                        .map(InetAddress::ofLiteral)
                        .toList();
        for (InetAddress address : addresses) {
            zone.address(name, address);
            zone.add(new PTRRecord(ReverseMap.fromAddress(address), DClass.IN, TTL_S, name));
        }
        if (addresses.isEmpty()) {
            return;
        }
        for (JsonNode port : Json.items(service, "/spec/ports")) {
            addService(zone, port, Json.number(port, "/port", 0), name, name);
        }
    }

    /** §2.4: the ready endpoints, each also under a name of its own. */
    private static void addHeadless(
            DnsZone.Builder zone, ObjectNode service, Name name, List<ObjectNode> slices) {
        boolean always = Json.flag(service, "/spec/publishNotReadyAddresses");
        for (ObjectNode slice : slices) {
            if (!Slices.belongsTo(slice, service)) {
                continue;
            }
            for (JsonNode endpoint : Json.items(slice, "/endpoints")) {
                if (!always && !Slices.isReady(endpoint)) {
                    continue;
                }
                for (InetAddress address : Slices.addresses(endpoint).toList()) {
                    Name own = Names.below(hostname(endpoint, address), name);
                    zone.address(name, address);
                    zone.address(own, address);
                    zone.add(new PTRRecord(ReverseMap.fromAddress(address), DClass.IN, TTL_S, own));
                    for (JsonNode port : Json.items(slice, "/ports")) {
                        addService(zone, port, Json.number(port, "/port", 0), name, own);
                    }
                }
            }
        }
    }

    private static void addService(
            DnsZone.Builder zone, JsonNode port, int number, Name service, Name target) {
        String portName = Json.text(port, "/name");
        if (portName.isEmpty()) {
            return;
        }
        String protocol = port.path("protocol").asString("TCP").toLowerCase(Locale.ROOT);
        Name name = Names.below("_" + portName + "._" + protocol, service);
        zone.add(new SRVRecord(name, DClass.IN, TTL_S, 0, 100, number, target));
    }

    /** The hostname that a pod asked for; otherwise its address, as CoreDNS writes it. */
    private static String hostname(JsonNode endpoint, InetAddress address) {
        String hostname = Json.text(endpoint, "/hostname");
        return hostname.isEmpty()
                ? address.getHostAddress().replace('.', '-').replace(':', '-')
                : hostname;
    }
}
