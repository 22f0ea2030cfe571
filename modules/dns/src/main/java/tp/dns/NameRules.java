package tp.dns;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.TextParseException;

/**
 * Whose a name is. Everything is decided on label boundaries, after the Kubernetes DNS
 * specification 1.1: {@code service.namespace.svc.zone} and {@code a-b-c-d.namespace.pod.zone}.
 */
final class NameRules {

    /** Where a question goes. */
    sealed interface Destination {

        /** The cluster's alone; asked there by its full name. */
        record Cluster(Name fullName) implements Destination {}

        /**
         * Short form {@code service.namespace}. A namespace may be called like a public top-level
         * domain, so the host's servers are asked where the cluster says that there is no such
         * name.
         */
        record ClusterThenHost(Name fullName) implements Destination {}

        record Host() implements Destination {}

        /** Under the cluster's zone, in a namespace that is not mapped. */
        record Unmapped() implements Destination {}

        /** Answered "no such name" here: proxies are never discovered in a cluster. */
        record Nowhere() implements Destination {}
    }

    private static final Destination HOST = new Destination.Host();
    private static final Destination UNMAPPED = new Destination.Unmapped();

    private final ResolverZones zones;
    private final List<String> zone;
    private final NameAliases aliases;

    NameRules(ResolverZones zones) {
        this.zones = zones;
        this.zone = List.of(zones.clusterDomain().split("\\."));
        this.aliases = new NameAliases(zones);
    }

    NameAliases aliases() {
        return aliases;
    }

    Destination destination(Name name) {
        List<String> labels = labels(name);
        Destination destination = bySuffix(name, labels);
        boolean wpad = !labels.isEmpty() && labels.getFirst().equals("wpad");
        // Names of the host's own domains go where they went before, "wpad" or not.
        if (wpad && (labels.size() == 1 || !(destination instanceof Destination.Host))) {
            return new Destination.Nowhere();
        }
        return destination;
    }

    private Destination bySuffix(Name name, List<String> labels) {
        int size = labels.size();
        if (size >= zone.size() && labels.subList(size - zone.size(), size).equals(zone)) {
            return inZone(labels.subList(0, size - zone.size()));
        }
        if (size < 2) {
            return HOST;
        }
        String last = labels.getLast();
        if (last.equals("arpa")) {
            return reverse(name) ? new Destination.Cluster(name.canonicalize()) : HOST;
        }
        String namespace = zones.namespaces().get(last);
        if (namespace != null) {
            List<String> full = new ArrayList<>(labels.subList(0, size - 1));
            full.add(namespace);
            full.add("svc");
            Name fullName = fullName(full);
            return fullName == null ? HOST : new Destination.ClusterThenHost(fullName);
        }
        return isSection(last) && size > 2 ? inZone(labels) : HOST;
    }

    /** The labels before the zone. */
    private Destination inZone(List<String> labels) {
        int size = labels.size();
        List<String> full = new ArrayList<>(labels);
        if (size >= 2 && isSection(labels.getLast())) {
            String namespace = zones.namespaces().get(labels.get(size - 2));
            if (namespace == null) {
                return UNMAPPED;
            }
            full.set(size - 2, namespace);
        }
        Name fullName = fullName(full);
        return fullName == null ? HOST : new Destination.Cluster(fullName);
    }

    private static boolean isSection(String label) {
        return label.equals("svc") || label.equals("pod");
    }

    /** {@return the name in the zone, or null if it were too long to exist} */
    private @Nullable Name fullName(List<String> labels) {
        List<String> full = new ArrayList<>(labels);
        full.addAll(zone);
        try {
            return Name.fromString(String.join(".", full) + ".");
        } catch (TextParseException e) {
            return null;
        }
    }

    private boolean reverse(Name name) {
        InetAddress address = address(name);
        return address != null && zones.subnets().stream().anyMatch(cidr -> cidr.contains(address));
    }

    /** {@return the address of a whole reverse name (RFC 1035 §3.5, RFC 3596 §2.5)} */
    static @Nullable InetAddress address(Name name) {
        // Four octets or 32 nibbles, two labels of the suffix, and the root.
        if (name.labels() != 7 && name.labels() != 35) {
            return null;
        }
        try {
            return ReverseMap.fromName(name);
        } catch (UnknownHostException | RuntimeException e) {
            return null;
        }
    }

    /** {@return the labels in lower case, escaped as in a master file} */
    private static List<String> labels(Name name) {
        List<String> labels = new ArrayList<>(name.labels());
        for (int i = 0; i < name.labels() - 1; i++) {
            labels.add(name.getLabelString(i).toLowerCase(Locale.ROOT));
        }
        return labels;
    }
}
