package tp.sandbox.store;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tp.spi.common.Cidr;

/** Gives Services their addresses and node ports. What is taken is read off the Services. */
final class ServiceAddresses {

    /**
     * A range of addresses.
     *
     * @param text as Kubernetes writes it (RFC 5952)
     */
    record Range(String family, String text, Cidr cidr) {}

    static final Range IPV4 = new Range("IPv4", "10.96.0.0/16", Cidr.parse("10.96.0.0/16"));
    static final Range IPV6 = new Range("IPv6", "fd00:10:96::/112", Cidr.parse("fd00:10:96::/112"));

    private static final int HOSTS = 65_536;

    /** The low end is for addresses that people choose (KEP 3070). */
    private static final int CHOSEN_BAND = 256;

    private static final int FIRST_NODE_PORT = 30_000;
    private static final int LAST_NODE_PORT = 32_767;
    private static final int MAX_TRIES = 10_000;

    private final List<ObjectNode> services;
    private final Write write;

    ServiceAddresses(List<ObjectNode> services, Write write) {
        this.services = services;
        this.write = write;
    }

    /** What an update leaves out stays as it is: nobody has to repeat what was allocated. */
    static void keep(ObjectNode current, ObjectNode edited) {
        ObjectNode spec = edited.withObjectProperty("spec");
        JsonNode before = current.path("spec");
        String type = spec.path("type").asString("ClusterIP");
        if (type.equals("ExternalName")
                || before.path("type").asString("").equals("ExternalName")) {
            return;
        }
        for (String field : List.of("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")) {
            if (!spec.hasNonNull(field) && before.has(field)) {
                spec.set(field, before.path(field).deepCopy());
            }
        }
        if (type.equals("ClusterIP")) {
            return;
        }
        for (ObjectNode port : Defaults.objects(spec.path("ports"))) {
            before.path("ports")
                    .valueStream()
                    .filter(old -> old.path("port").asInt(0) == port.path("port").asInt(0))
                    .filter(old -> protocol(old).equals(protocol(port)))
                    .filter(old -> old.has("nodePort") && !port.has("nodePort"))
                    .findFirst()
                    .ifPresent(old -> port.set("nodePort", old.path("nodePort")));
        }
    }

    void assign(ObjectNode service) {
        ObjectNode spec = service.withObjectProperty("spec");
        String type = spec.path("type").asString("");
        if (type.equals("ExternalName")) {
            spec.remove(List.of("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"));
            return;
        }
        List<Range> ranges = families(service, spec);
        ArrayNode families = spec.putArray("ipFamilies");
        ranges.forEach(range -> families.add(range.family()));
        List<String> asked = asked(spec);
        if (asked.equals(List.of("None"))) {
            spec.put("clusterIP", "None").putArray("clusterIPs").add("None");
            return;
        }
        ArrayNode addresses = Meta.newObject().putArray("x");
        for (int i = 0; i < ranges.size(); i++) {
            addresses.add(
                    i < asked.size()
                            ? chosen(service, ranges.get(i), asked.get(i))
                            : free(service, ranges.get(i)));
        }
        spec.put("clusterIP", addresses.path(0).asString()).set("clusterIPs", addresses);
        if (type.equals("NodePort") || type.equals("LoadBalancer")) {
            nodePorts(service, spec);
        }
    }

    private static List<String> asked(ObjectNode spec) {
        List<String> list =
                spec.path("clusterIPs").valueStream().map(item -> item.asString("")).toList();
        String one = spec.path("clusterIP").asString("");
        return list.isEmpty() && !one.isEmpty() ? List.of(one) : list;
    }

    private static List<Range> families(ObjectNode service, ObjectNode spec) {
        List<Range> ranges = new ArrayList<>();
        for (JsonNode family : spec.path("ipFamilies")) {
            ranges.add(family.asString("").equals("IPv6") ? IPV6 : IPV4);
        }
        List<String> asked = asked(spec);
        if (ranges.isEmpty()) {
            asked.stream()
                    .filter(address -> !address.equals("None"))
                    .forEach(address -> ranges.add(address.contains(":") ? IPV6 : IPV4));
        }
        if (ranges.isEmpty()) {
            ranges.add(IPV4);
        }
        String policy = spec.path("ipFamilyPolicy").asString("");
        if (policy.isEmpty()) {
            policy = ranges.size() > 1 ? "RequireDualStack" : "SingleStack";
            spec.put("ipFamilyPolicy", policy);
        }
        if (!policy.equals("SingleStack") && ranges.size() == 1) {
            ranges.add(ranges.getFirst().equals(IPV4) ? IPV6 : IPV4);
        }
        if (policy.equals("SingleStack") && ranges.size() > 1) {
            throw ApiException.invalid(
                    Resources.SERVICES,
                    Meta.name(service),
                    List.of(
                            Status.Cause.invalid(
                                    "spec.ipFamilyPolicy",
                                    "\"SingleStack\"",
                                    "must be 'RequireDualStack' or 'PreferDualStack' when"
                                            + " multiple IP families are specified")));
        }
        return ranges;
    }

    private String chosen(ObjectNode service, Range range, String text) {
        InetAddress address;
        try {
            address = InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            throw refused(
                    service,
                    "spec.clusterIPs[0]",
                    "\"" + text + "\"",
                    "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
        String why = "";
        if (!range.cidr().contains(address)) {
            // Since 1.33 only a dry run tells the range: MetaAllocator answers the others.
            why =
                    write == Write.DRY_RUN
                            ? "the provided IP (%s) is not in the valid range. The range of valid IPs is %s"
                                    .formatted(text, range.text())
                            : "the provided network does not match the current range";
        } else if (taken(service).contains(address)) {
            why = "provided IP is already allocated";
        }
        if (!why.isEmpty()) {
            throw refused(
                    service,
                    "spec.clusterIPs",
                    "[]string{\"" + text + "\"}",
                    "failed to allocate IP " + text + ": " + why);
        }
        return text;
    }

    private String free(ObjectNode service, Range range) {
        Set<InetAddress> taken = taken(service);
        for (int i = 0; i < MAX_TRIES; i++) {
            int offset = ThreadLocalRandom.current().nextInt(CHOSEN_BAND, HOSTS - 1);
            InetAddress address = address(range, offset);
            if (!taken.contains(address)) {
                return range.family().equals("IPv4")
                        ? address.getHostAddress()
                        : range.text().substring(0, range.text().indexOf('/'))
                                + Integer.toHexString(offset);
            }
        }
        throw ApiException.plain(
                500, "InternalError", "failed to allocate a serviceIP: range is full");
    }

    private static InetAddress address(Range range, int offset) {
        byte[] bytes = range.cidr().network().getAddress();
        byte[] sum = new BigInteger(1, bytes).add(BigInteger.valueOf(offset)).toByteArray();
        int length = Math.min(sum.length, bytes.length);
        System.arraycopy(sum, sum.length - length, bytes, bytes.length - length, length);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private Set<InetAddress> taken(ObjectNode except) {
        Set<InetAddress> taken = new HashSet<>();
        for (ObjectNode other : services) {
            if (!isSame(other, except)) {
                other.at("/spec/clusterIPs")
                        .valueStream()
                        .map(item -> item.asString(""))
                        .filter(text -> !text.equals("None"))
                        .forEach(text -> taken.add(InetAddress.ofLiteral(text)));
            }
        }
        return taken;
    }

    private static boolean isSame(ObjectNode one, ObjectNode other) {
        return Key.of(Resources.SERVICES, one).equals(Key.of(Resources.SERVICES, other));
    }

    private void nodePorts(ObjectNode service, ObjectNode spec) {
        Set<String> taken = new HashSet<>();
        for (ObjectNode other : services) {
            if (!isSame(other, service)) {
                other.at("/spec/ports").forEach(port -> taken.add(nodePort(port)));
            }
        }
        int index = 0;
        for (ObjectNode port : Defaults.objects(spec.path("ports"))) {
            int number = port.path("nodePort").asInt(0);
            if (number == 0) {
                number = FIRST_NODE_PORT;
                while (taken.contains(number + protocol(port)) && number < LAST_NODE_PORT) {
                    number++;
                }
                port.put("nodePort", number);
            }
            String why =
                    number < FIRST_NODE_PORT || number > LAST_NODE_PORT
                            ? "provided port is not in the valid range. The range of valid ports is"
                                    + " 30000-32767"
                            : "provided port is already allocated";
            boolean isFree = taken.add(nodePort(port));
            if (!isFree || number < FIRST_NODE_PORT || number > LAST_NODE_PORT) {
                throw refused(
                        service,
                        "spec.ports[%d].nodePort".formatted(index),
                        Integer.toString(number),
                        why);
            }
            index++;
        }
    }

    private static String nodePort(JsonNode port) {
        return port.path("nodePort").asInt(0) + protocol(port);
    }

    private static String protocol(JsonNode port) {
        return port.path("protocol").asString("TCP");
    }

    private static ApiException refused(
            ObjectNode service, String field, String value, String why) {
        return ApiException.invalid(
                Resources.SERVICES,
                Meta.name(service),
                List.of(Status.Cause.invalid(field, value, why)));
    }
}
