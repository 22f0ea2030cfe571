package tp.host;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;
import tp.fuzz.Bytes;
import tp.fuzz.Input;
import tp.fuzz.Promise;
import tp.fuzz.Target;
import tp.host.FieldReader.MalformedException;
import tp.os.InterfaceAddress;
import tp.os.ProcessIdentity;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;
import tp.spi.dns.HostChange;
import tp.spi.dns.ResolverEnvironment;

/**
 * What comes to the helper, which is root: requests of the daemon, a journal of before, the host's
 * own files. The first byte says which of them.
 */
public final class HelperMessages implements Target {

    private static final List<InterfaceAddress> DEVICE =
            List.of(new InterfaceAddress(InetAddress.ofLiteral("100.127.0.1"), 24));

    @Override
    public void take(byte[] input) throws MalformedException {
        Input in = new Input(input);
        int kind = in.octet() % 5;
        byte[] bytes = in.rest();
        try {
            switch (kind) {
                case 0 -> request(bytes);
                case 1 -> reply(bytes);
                case 2 -> journal(bytes);
                case 3 -> journal(summed(bytes));
                default -> files(bytes);
            }
        } catch (Refused e) {
            // As it should be.
        }
    }

    /** What came is refused, in the way that is documented. */
    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static void request(byte[] bytes) throws MalformedException {
        HelperRequest request;
        try {
            request = HelperCodec.request(ByteBuffer.wrap(bytes));
        } catch (MalformedException e) {
            throw new Refused();
        }
        byte[] once = HelperCodec.encode(request);
        HelperRequest again = HelperCodec.request(ByteBuffer.wrap(once));
        Promise.same(request, again, "a request survives its bytes");
        Promise.same(once, HelperCodec.encode(again), "a request has one form");
        try {
            judge(request);
        } catch (TpException e) {
            throw new Refused();
        }
    }

    private static void judge(HelperRequest request) {
        switch (request) {
            case HelperRequest.OpenDevice open -> HelperRules.device(open);
            case HelperRequest.SetRoutes routes -> {
                HelperRules.routes(routes.wanted());
                Promise.kept(
                        routes.wanted().stream().noneMatch(one -> one.prefixLength() < 8),
                        "no wide range is led away");
            }
            case HelperRequest.Apply apply -> apply.changes().forEach(HelperMessages::judge);
            case HelperRequest.Listen listen -> HelperRules.listen(listen, DEVICE);
            case HelperRequest.Restore restore -> {}
        }
    }

    private static void judge(HostChange change) {
        switch (change) {
            case HostChange.ResolvConf file -> {
                HelperRules.resolvConf(file, DEVICE);
                List<InetAddress> servers =
                        new ResolverEnvironment(file.content(), "", false).servers();
                Promise.kept(
                        servers.stream().allMatch(DEVICE.getFirst().subnet()::contains),
                        "who may be asked is on the device: " + servers);
            }
            case HostChange.LinkDns link -> HelperRules.linkDns(link, "tp0", DEVICE);
            case HostChange.Port53Redirect redirect ->
                    HelperRules.redirect(
                            redirect, Set.of(InetAddress.ofLiteral("192.0.2.53")), DEVICE);
        }
    }

    private static void reply(byte[] bytes) throws MalformedException {
        HelperReply reply;
        try {
            reply = HelperCodec.reply(ByteBuffer.wrap(bytes));
        } catch (MalformedException e) {
            throw new Refused();
        }
        byte[] once = HelperCodec.encode(reply);
        HelperReply again = HelperCodec.reply(ByteBuffer.wrap(once));
        Promise.same(reply, again, "a reply survives its bytes");
        Promise.same(once, HelperCodec.encode(again), "a reply has one form");
    }

    private static void journal(byte[] bytes) throws MalformedException {
        Journal journal;
        try {
            journal = Journal.parse(bytes);
        } catch (MalformedException e) {
            throw new Refused();
        }
        Promise.same(journal, Journal.parse(journal.bytes()), "a journal survives its bytes");
    }

    /** With the magic number, the sum and the length that nobody guesses. */
    private static byte[] summed(byte[] rest) {
        CRC32 sum = new CRC32();
        sum.update(rest);
        return new FieldWriter()
                .number32(0x74706a32)
                .number32((int) sum.getValue())
                .blob(rest)
                .bytes();
    }

    private static void files(byte[] bytes) {
        String text = new Input(bytes).text();
        ResolverEnvironment environment =
                new ResolverEnvironment(text, text, true, text, true, true);
        Promise.kept(
                environment.upstreams().stream().noneMatch(one -> isStub(one)),
                "the stub is never asked");
        environment.stub();
        environment.values("search");
        environment.values("options");
        HelperRules.isSessionId(text);
    }

    private static boolean isStub(InetAddress server) {
        return Set.of("127.0.0.53", "127.0.0.54").contains(server.getHostAddress());
    }

    @Override
    public List<byte[]> seeds() {
        InetAddress dns = InetAddress.ofLiteral("100.127.0.2");
        InetAddress server = InetAddress.ofLiteral("192.0.2.53");
        ResolverOriginal original =
                new ResolverOriginal(
                        ResolverOriginal.Kind.FILE,
                        ResolverOriginal.Place.HERE,
                        new byte[] {'#'},
                        "",
                        new ResolverOriginal.Access(0644, 0, 0, 1));
        Journal journal =
                new Journal(
                        new ProcessIdentity(1, 2),
                        new ProcessIdentity(3, 4),
                        DEVICE,
                        Optional.of(original),
                        Set.of(Journal.Effect.LINK_NAMES));
        byte[] whole = journal.bytes();
        return List.of(
                seed(0, HelperCodec.encode(new HelperRequest.OpenDevice(DEVICE, 65_535))),
                seed(
                        0,
                        HelperCodec.encode(
                                new HelperRequest.SetRoutes(List.of(Cidr.parse("10.96.0.0/16"))))),
                seed(
                        0,
                        HelperCodec.encode(
                                new HelperRequest.Apply(
                                        List.of(
                                                new HostChange.ResolvConf(
                                                        "nameserver 100.127.0.2\nsearch a.b\n"),
                                                new HostChange.LinkDns(
                                                        "tp0", List.of(dns), List.of("~svc", "a")),
                                                new HostChange.Port53Redirect(
                                                        List.of(server),
                                                        dns,
                                                        HostChange.Askers.ALL))))),
                seed(0, HelperCodec.encode(new HelperRequest.Listen(dns))),
                seed(0, HelperCodec.encode(new HelperRequest.Restore())),
                seed(1, HelperCodec.encode(new HelperReply.Ready(7, "0.1", List.of("note")))),
                seed(1, HelperCodec.encode(new HelperReply.DeviceOpened(true))),
                seed(
                        1,
                        HelperCodec.encode(
                                new HelperReply.Refused(TpException.Category.BUG, "what", "next"))),
                seed(2, whole),
                seed(3, Arrays.copyOfRange(whole, 12, whole.length)),
                new Bytes()
                        .octet(4)
                        .text("# x\nnameserver 127.0.0.53\nnameserver fe80::1%eth0\nsearch a b\n")
                        .array());
    }

    private static byte[] seed(int kind, byte[] bytes) {
        return new Bytes().octet(kind).raw(bytes).array();
    }

    /**
     * Each word of a file that is no address, of a byte and a blank, is an exception, six times.
     */
    @Override
    public long capBytes(int inputBytes) {
        return 128 * 1024 + 16_384L * inputBytes;
    }
}
