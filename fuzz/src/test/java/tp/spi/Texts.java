package tp.spi;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tp.fuzz.Bytes;
import tp.fuzz.Input;
import tp.fuzz.Promise;
import tp.fuzz.Target;
import tp.spi.common.AddressRanges;
import tp.spi.common.AddressText;
import tp.spi.common.Cidr;
import tp.spi.common.DnsLabel;
import tp.spi.transport.Endpoint;

/** Addresses, ranges, endpoints and names as text. */
public final class Texts implements Target {

    @Override
    public void take(byte[] input) throws UnknownHostException {
        Input in = new Input(input);
        switch (in.octet() % 4) {
            case 0 -> range(in.text());
            case 1 -> endpoint(in.text());
            case 2 -> address(in.rest());
            default -> ranges(in);
        }
    }

    private static void range(String text) {
        DnsLabel.matches(text);
        try {
            Cidr range = Cidr.parse(text);
            Promise.same(range, Cidr.parse(range.toString()), "a range survives its text");
            Promise.kept(range.contains(range.network()), "a range begins within itself");
            Promise.kept(range.overlaps(range), "a range overlaps itself");
        } catch (IllegalArgumentException e) {
            // No range.
        }
    }

    private static void endpoint(String line) {
        Optional<Endpoint> endpoint = Endpoint.parse(line);
        endpoint.ifPresent(
                one ->
                        Promise.same(
                                endpoint,
                                Endpoint.parse(one.line()),
                                "an endpoint survives its line"));
    }

    private static void address(byte[] bytes) throws UnknownHostException {
        InetAddress address =
                InetAddress.getByAddress(Arrays.copyOf(bytes, bytes.length < 16 ? 4 : 16));
        Promise.same(
                address,
                InetAddress.ofLiteral(AddressText.of(address)),
                "an address survives its text");
    }

    private static void ranges(Input in) throws UnknownHostException {
        List<InetAddress> addresses = new ArrayList<>();
        while (!in.isEmpty() && addresses.size() < 1_000) {
            int near = in.octet();
            byte[] bytes = new byte[near % 2 == 0 ? 4 : 16];
            bytes[0] = (byte) (near % 2 == 0 ? 10 : 0xfd);
            bytes[bytes.length - 1] = (byte) in.octet();
            bytes[bytes.length - 2] = (byte) (near >> 1);
            addresses.add(InetAddress.getByAddress(bytes));
        }
        Set<Cidr> ranges = AddressRanges.of(addresses);
        Promise.kept(
                addresses.stream().allMatch(one -> ranges.stream().anyMatch(r -> r.contains(one))),
                "each address is in a range");
        Promise.kept(ranges.size() <= AddressRanges.MOST, "ranges are few");
    }

    @Override
    public List<byte[]> seeds() {
        return List.of(
                new Bytes().octet(0).text("10.96.0.0/16").array(),
                new Bytes().octet(0).text("fd00:10:96::/112").array(),
                new Bytes().octet(0).text("::ffff:10.0.0.1/96").array(),
                new Bytes().octet(1).text("node-port quic://192.0.2.7:30443").array(),
                new Bytes().octet(1).text("load-balancer grpc://[2001:db8::7]:443").array(),
                new Bytes().octet(2).raw(new byte[16]).array(),
                new Bytes().octet(3).raw(new byte[] {0, 1, 0, 2, 0, 3, 1, 4, 1, 5}).array());
    }

    /** Of addresses two bytes each, in tables for each length of prefix. */
    @Override
    public long capBytes(int inputBytes) {
        return 64 * 1024 + 16_384L * inputBytes;
    }
}
