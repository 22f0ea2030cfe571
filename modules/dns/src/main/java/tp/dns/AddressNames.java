package tp.dns;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/**
 * Which name was asked for last that has an address: what people know the address by. Nothing is
 * decided by it. Any thread.
 */
final class AddressNames {

    private static final int MOST = 4_096;

    /** Guarded by itself; the address that was not used for longest makes room. */
    private final Map<InetAddress, String> names =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<InetAddress, String> eldest) {
                    return size() > MOST;
                }
            };

    /** That name was asked for, and these are the records of its answer. */
    void add(Name asked, List<Record> answer) {
        for (Record record : answer) {
            switch (record) {
                case ARecord ipv4 -> put(ipv4.getAddress(), asked);
                case AAAARecord ipv6 -> put(ipv6.getAddress(), asked);
                default -> {}
            }
        }
    }

    private void put(InetAddress address, Name asked) {
        synchronized (names) {
            names.put(address, asked.toString(true));
        }
    }

    Optional<String> of(InetAddress address) {
        synchronized (names) {
            return Optional.ofNullable(names.get(address));
        }
    }
}
