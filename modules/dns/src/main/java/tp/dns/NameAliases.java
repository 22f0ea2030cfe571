package tp.dns;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DNAMERecord;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.NameTooLongException;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.TextParseException;

/**
 * Says the cluster's names as they are here, where a namespace has another name on this machine:
 * what an answer points to is asked for next, and has to lead there again. Where two names here
 * lead to one namespace, it is the one that the question used, else the one that is the same in the
 * cluster, else the first.
 */
final class NameAliases {

    private final Map<String, String> here;
    private final List<String> zone;
    private final Map<String, String> byNamespace = new HashMap<>();

    NameAliases(ResolverZones zones) {
        here = zones.namespaces();
        zone = List.of(zones.clusterDomain().split("\\."));
        here.forEach(
                (name, namespace) ->
                        byNamespace.merge(
                                namespace, name, (one, other) -> better(namespace, one, other)));
        byNamespace.entrySet().removeIf(entry -> entry.getKey().equals(entry.getValue()));
    }

    private static String better(String namespace, String one, String other) {
        if (one.equals(namespace) || other.equals(namespace)) {
            return namespace;
        }
        return one.compareTo(other) < 0 ? one : other;
    }

    /** {@return a record of the answer to that question, with the names that hold here} */
    Record said(Record record, Name asked, Name fullName) {
        boolean own = record.getName().equals(fullName);
        Record owned = own ? record.withName(asked) : record;
        if (byNamespace.isEmpty()) {
            return owned;
        }
        Record pointing = pointing(owned, asked);
        return own ? pointing : pointing.withName(said(pointing.getName(), asked));
    }

    private Record pointing(Record record, Name asked) {
        Name owner = record.getName();
        int dnsClass = record.getDClass();
        long ttl = record.getTTL();
        return switch (record) {
            case CNAMERecord to ->
                    new CNAMERecord(owner, dnsClass, ttl, said(to.getTarget(), asked));
            case DNAMERecord to ->
                    new DNAMERecord(owner, dnsClass, ttl, said(to.getTarget(), asked));
            case PTRRecord to -> new PTRRecord(owner, dnsClass, ttl, said(to.getTarget(), asked));
            case SRVRecord to ->
                    new SRVRecord(
                            owner,
                            dnsClass,
                            ttl,
                            to.getPriority(),
                            to.getWeight(),
                            to.getPort(),
                            said(to.getTarget(), asked));
            case MXRecord to ->
                    new MXRecord(
                            owner, dnsClass, ttl, to.getPriority(), said(to.getTarget(), asked));
            default -> record;
        };
    }

    private Name said(Name name, Name asked) {
        int at = namespaceLabel(name);
        if (at < 0) {
            return name;
        }
        String namespace = label(name, at);
        String used = askedIn(asked);
        String alias =
                used != null && namespace.equals(here.get(used))
                        ? used
                        : byNamespace.getOrDefault(namespace, namespace);
        return alias.equals(namespace) ? name : replaced(name, at, alias);
    }

    /** {@return which label of a name of the zone is its namespace, or -1} */
    private int namespaceLabel(Name name) {
        int section = name.labels() - 1 - zone.size() - 1;
        if (section < 2 || !isInZone(name)) {
            return -1;
        }
        return isSection(label(name, section)) ? section - 1 : -1;
    }

    private boolean isInZone(Name name) {
        int first = name.labels() - 1 - zone.size();
        for (int i = 0; i < zone.size(); i++) {
            if (!label(name, first + i).equals(zone.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** {@return the namespace in a question, by the name it has here; null where there is none} */
    private @Nullable String askedIn(Name asked) {
        int at = namespaceLabel(asked);
        if (at >= 0) {
            return label(asked, at);
        }
        int last = asked.labels() - 2;
        if (last < 1) {
            return null;
        }
        return isSection(label(asked, last)) ? label(asked, last - 1) : label(asked, last);
    }

    private static boolean isSection(String label) {
        return label.equals("svc") || label.equals("pod");
    }

    private static String label(Name name, int at) {
        return name.getLabelString(at).toLowerCase(Locale.ROOT);
    }

    private static Name replaced(Name name, int at, String label) {
        try {
            Name tail = new Name(name, at + 1);
            Name renamed = Name.concatenate(Name.fromString(label), tail);
            for (int i = at - 1; i >= 0; i--) {
                renamed = Name.concatenate(Name.fromString(name.getLabelString(i)), renamed);
            }
            return renamed;
        } catch (TextParseException | NameTooLongException e) {
            return name; // it would be too long to exist, and leads nowhere either way
        }
    }
}
