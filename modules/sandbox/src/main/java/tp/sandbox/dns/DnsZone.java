package tp.sandbox.dns;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Type;

/**
 * The records of one zone at one moment; immutable once built. A name exists if it or a name below
 * it has records (RFC 8020), which decides between NXDOMAIN and an empty answer.
 */
public final class DnsZone {

    private final Name origin;
    private final SOARecord soa;
    private final Map<Name, List<Record>> records;

    private DnsZone(Name origin, SOARecord soa, Map<Name, List<Record>> records) {
        this.origin = origin;
        this.soa = soa;
        this.records = records;
    }

    Name origin() {
        return origin;
    }

    SOARecord soa() {
        return soa;
    }

    boolean contains(Name name) {
        return name.subdomain(origin) || records.containsKey(name);
    }

    boolean exists(Name name) {
        return records.containsKey(name);
    }

    List<Record> find(Name name, int type) {
        return records.getOrDefault(name, List.of()).stream()
                .filter(found -> type == Type.ANY || found.getType() == type)
                .toList();
    }

    /** Collects the records of a zone. */
    public static final class Builder {

        private final Name origin;
        private final SOARecord soa;
        private final long ttl;
        private final Map<Name, List<Record>> records = new HashMap<>();

        /**
         * @param ttl of every record, in seconds, also of the knowledge that there is none
         */
        public Builder(Name origin, long ttl) {
            this.origin = origin;
            this.ttl = ttl;
            this.soa =
                    new SOARecord(
                            origin,
                            DClass.IN,
                            ttl,
                            Names.below("ns.dns", origin),
                            Names.below("hostmaster", origin),
                            1,
                            7200,
                            1800,
                            86_400,
                            ttl);
            add(soa);
        }

        public long ttl() {
            return ttl;
        }

        public Builder add(Record added) {
            List<Record> present = exists(added.getName());
            if (!present.contains(added)) {
                present.add(added);
            }
            return this;
        }

        public Builder address(Name name, InetAddress address) {
            return add(
                    address.getAddress().length == 4
                            ? new ARecord(name, DClass.IN, ttl, address)
                            : new AAAARecord(name, DClass.IN, ttl, address));
        }

        /** Makes the name exist, with all names between it and the origin. */
        public List<Record> exists(Name name) {
            for (Name above = name;
                    above.labels() > origin.labels() && above.subdomain(origin);
                    above = new Name(above, 1)) {
                records.computeIfAbsent(above, key -> new ArrayList<>());
            }
            return records.computeIfAbsent(name, key -> new ArrayList<>());
        }

        public DnsZone build() {
            Map<Name, List<Record>> copy = new HashMap<>();
            records.forEach((name, list) -> copy.put(name, List.copyOf(list)));
            return new DnsZone(origin, soa, Map.copyOf(copy));
        }
    }
}
