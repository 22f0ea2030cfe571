package tp.dns;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import tp.spi.common.Cidr;

/**
 * Addresses that stand for others on this host, where the others must not be routed: they lie
 * outside the cluster, or a network of this host uses them too. Each is given once and never again
 * for something else, so that whoever keeps one for long never reaches a stranger. Any thread.
 */
public final class VirtualAddresses {

    /** Both families together. */
    static final int MAX_ADDRESSES = 65_534;

    /**
     * What an address stands for.
     *
     * @param question the latest question to the cluster's DNS that was answered with it, as a
     *     message: whoever asks it again learns whether the address still is the answer
     */
    @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
    public record Real(InetAddress address, byte[] question) {}

    private record Key(InetAddress address, boolean six) {}

    private final Optional<Cidr> ipv4;
    private final Cidr ipv6;
    private final int capacity;
    private final Map<Key, InetAddress> virtual = new HashMap<>();
    private final Map<InetAddress, Real> real = new HashMap<>();
    private final long firstIpv4;
    private long givenIpv4;
    private long givenIpv6;
    private final LongAdder refused = new LongAdder();

    /**
     * @param ipv4 empty where this host uses every range that could have been taken
     * @param random where in the range to begin: what an earlier session gave is rarely given soon
     */
    public VirtualAddresses(Optional<Cidr> ipv4, Cidr ipv6, RandomGenerator random) {
        this(ipv4, ipv6, random, MAX_ADDRESSES);
    }

    VirtualAddresses(Optional<Cidr> ipv4, Cidr ipv6, RandomGenerator random, int capacity) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
        this.capacity = capacity;
        firstIpv4 = ipv4.isEmpty() ? 0 : random.nextLong(usable(ipv4.get()));
    }

    /** The first and the last are left out: some programs take them for something special. */
    private static long usable(Cidr range) {
        return (1L << (32 - range.prefixLength())) - 2;
    }

    /**
     * {@return what stands for the address, the same each time; empty where there is none left}
     *
     * @param six whether it is to be an IPv6 address
     */
    public synchronized Optional<InetAddress> of(
            InetAddress address, boolean six, Supplier<byte[]> question) {
        Key key = new Key(address, six);
        InetAddress known = virtual.get(key);
        if (known == null) {
            Optional<InetAddress> fresh = six ? nextIpv6() : nextIpv4();
            if (fresh.isEmpty()) {
                refused.increment();
                return fresh;
            }
            known = fresh.get();
            virtual.put(key, known);
        }
        real.put(known, new Real(address, question.get()));
        return Optional.of(known);
    }

    private Optional<InetAddress> nextIpv4() {
        if (ipv4.isEmpty() || real.size() >= capacity || givenIpv4 >= usable(ipv4.get())) {
            return Optional.empty();
        }
        long place = (firstIpv4 + givenIpv4++) % usable(ipv4.get());
        return Optional.of(plus(ipv4.get().network(), 1 + place));
    }

    private Optional<InetAddress> nextIpv6() {
        return real.size() >= capacity
                ? Optional.empty()
                : Optional.of(plus(ipv6.network(), ++givenIpv6));
    }

    private static InetAddress plus(InetAddress network, long distance) {
        byte[] bytes = network.getAddress();
        long rest = distance;
        for (int i = bytes.length - 1; rest > 0; i--) {
            rest += bytes[i] & 0xff;
            bytes[i] = (byte) rest;
            rest >>= 8;
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return the ranges that they are taken from, to be led into the tunnel} */
    public List<Cidr> ranges() {
        return Stream.concat(ipv4.stream(), Stream.of(ipv6)).toList();
    }

    /** {@return whether the address can only be one of these} */
    public boolean contains(InetAddress address) {
        return address instanceof Inet6Address
                ? ipv6.contains(address)
                : ipv4.isPresent() && ipv4.get().contains(address);
    }

    /** {@return what the address stands for; empty where it was never given} */
    public synchronized Optional<Real> real(InetAddress address) {
        return Optional.ofNullable(real.get(address));
    }

    /** {@return how many were given} */
    public synchronized int size() {
        return real.size();
    }

    /** {@return how often there was none left} */
    public long refused() {
        return refused.sum();
    }
}
