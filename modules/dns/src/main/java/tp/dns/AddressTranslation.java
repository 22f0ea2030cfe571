package tp.dns;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.HTTPSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.SVCBBase;
import org.xbill.DNS.SVCBRecord;
import tp.spi.common.Cidr;

/**
 * Puts virtual addresses into what the cluster's DNS says: into A, AAAA and the hints of SVCB and
 * HTTPS. Times to live stay; signatures over a changed record set go, for they would be wrong.
 * Names are left alone.
 */
public final class AddressTranslation {

    private static final int IPV6_BYTES = 16;

    /** Changes nothing. */
    static final AddressTranslation NONE =
            new AddressTranslation(
                    new VirtualAddresses(
                            Optional.empty(), Cidr.parse("::/128"), RandomGenerator.getDefault()),
                    address -> true);

    /** No virtual address is left. */
    private static final class ExhaustedException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private record RecordSet(Name name, int type) {
        static RecordSet of(Record record) {
            int type =
                    record instanceof RRSIGRecord signature
                            ? signature.getTypeCovered()
                            : record.getType();
            return new RecordSet(record.getName(), type);
        }
    }

    private final VirtualAddresses table;
    private final Predicate<InetAddress> asIs;

    /**
     * @param asIs whether this host reaches the address itself by the right way; asked at each
     *     answer
     */
    public AddressTranslation(VirtualAddresses table, Predicate<InetAddress> asIs) {
        this.table = table;
        this.asIs = asIs;
    }

    /**
     * {@return the answer as this host is to see it, or null where no virtual address is left}
     *
     * @param question gives what was answered, as a message
     */
    @Nullable ClusterAnswer translate(ClusterAnswer answer, Supplier<byte[]> question) {
        try {
            List<List<Record>> sections = new ArrayList<>();
            boolean changed = false;
            for (List<Record> section : answer.sections()) {
                List<Record> translated = translate(section, question);
                changed |= !translated.equals(section);
                sections.add(translated);
            }
            return changed ? answer.with(sections) : answer;
        } catch (ExhaustedException e) {
            return null;
        }
    }

    /** {@return the reverse name to be asked for instead, or null where it is of no virtual one} */
    @Nullable Name realReverse(Name name) {
        InetAddress address = NameRules.address(name);
        if (address == null || !table.contains(address)) {
            return null;
        }
        return table.real(address).map(real -> ReverseMap.fromAddress(real.address())).orElse(null);
    }

    private List<Record> translate(List<Record> section, Supplier<byte[]> question)
            throws ExhaustedException {
        List<Record> translated = new ArrayList<>(section.size());
        Set<RecordSet> changed = new HashSet<>();
        for (Record record : section) {
            Record other =
                    switch (record) {
                        case ARecord a -> address(a, a.getAddress(), question);
                        case AAAARecord a -> address(a, a.getAddress(), question);
                        case SVCBBase hints -> hints(hints, question);
                        default -> record;
                    };
            if (!other.equals(record)) {
                changed.add(RecordSet.of(record));
            }
            translated.add(other);
        }
        translated.removeIf(
                record -> record instanceof RRSIGRecord && changed.contains(RecordSet.of(record)));
        return translated;
    }

    private Record address(Record record, InetAddress address, Supplier<byte[]> question)
            throws ExhaustedException {
        if (asIs.test(address)) {
            return record;
        }
        boolean six = record instanceof AAAARecord;
        InetAddress virtual = virtual(address, six, question);
        return six
                ? new AAAARecord(record.getName(), record.getDClass(), record.getTTL(), virtual)
                : new ARecord(record.getName(), record.getDClass(), record.getTTL(), virtual);
    }

    private InetAddress virtual(InetAddress address, boolean six, Supplier<byte[]> question)
            throws ExhaustedException {
        return table.of(address, six, question).orElseThrow(ExhaustedException::new);
    }

    /** RFC 9460 §7.3: a client may connect to a hint without asking for an address. */
    private Record hints(SVCBBase record, Supplier<byte[]> question) throws ExhaustedException {
        List<SVCBBase.ParameterBase> parameters = new ArrayList<>();
        boolean changed = false;
        for (int key : record.getSvcParamKeys()) {
            SVCBBase.ParameterBase before = record.getSvcParamValue(key);
            SVCBBase.ParameterBase after = parameter(before, question);
            changed |= !after.equals(before);
            parameters.add(after);
        }
        if (!changed) {
            return record;
        }
        return record instanceof HTTPSRecord
                ? new HTTPSRecord(
                        record.getName(),
                        record.getDClass(),
                        record.getTTL(),
                        record.getSvcPriority(),
                        record.getTargetName(),
                        parameters)
                : new SVCBRecord(
                        record.getName(),
                        record.getDClass(),
                        record.getTTL(),
                        record.getSvcPriority(),
                        record.getTargetName(),
                        parameters);
    }

    private SVCBBase.ParameterBase parameter(
            SVCBBase.ParameterBase before, Supplier<byte[]> question) throws ExhaustedException {
        try {
            if (before instanceof SVCBBase.ParameterIpv4Hint hint
                    && !hint.getAddresses().stream().allMatch(asIs)) {
                List<Inet4Address> after = new ArrayList<>();
                for (Inet4Address address : hint.getAddresses()) {
                    after.add((Inet4Address) seen(address, false, question));
                }
                return new SVCBBase.ParameterIpv4Hint(after);
            }
            if (before instanceof SVCBBase.ParameterIpv6Hint hint
                    && (holdsIpv4(hint) || !hint.getAddresses().stream().allMatch(asIs))) {
                List<Inet6Address> after = new ArrayList<>();
                for (Inet6Address address : hint.getAddresses()) {
                    after.add((Inet6Address) seen(address, true, question));
                }
                return new SVCBBase.ParameterIpv6Hint(after);
            }
            return before;
        } catch (UnknownHostException e) {
            return before; // cannot be: each has the length of its kind
        }
    }

    /** Java takes {@code ::ffff:a.b.c.d} for IPv4, so that such hints are not among the others. */
    private static boolean holdsIpv4(SVCBBase.ParameterIpv6Hint hint) throws UnknownHostException {
        return hint.getAddresses().size() * IPV6_BYTES != hint.toWire().length;
    }

    private InetAddress seen(InetAddress address, boolean six, Supplier<byte[]> question)
            throws ExhaustedException {
        return asIs.test(address) ? address : virtual(address, six, question);
    }
}
