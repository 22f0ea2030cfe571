package tp.manager;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import tp.fuzz.Bytes;
import tp.fuzz.Input;
import tp.fuzz.Promise;
import tp.fuzz.Target;
import tp.spi.common.TpException;

/** Questions of a client that may be anybody's, and answers of the cluster's DNS. */
public final class NameQuestions implements Target {

    private final NameGuard.Asker asker =
            new NameGuard.Asker(Set.of("mapped"), new Permits(() -> 0));
    private final NameGuard guard =
            new NameGuard(
                    "cluster.local",
                    new Reach(
                            new AddressBook(() -> {}),
                            () -> ClusterFacts.NONE,
                            address -> Set.of(),
                            () -> 0),
                    new Coverage.WholeCluster(),
                    External.parse(".corp.example"),
                    new DnsForwarder(List.of(), Duration.ZERO));

    @Override
    public void take(byte[] input) throws Exception {
        Input in = new Input(input);
        int kind = in.octet() % 3;
        byte[] bytes = in.rest();
        switch (kind) {
            case 0 -> question(bytes);
            case 1 -> Answers.addresses(bytes, NameQuestions::permitted);
            default -> external(new Input(bytes).text());
        }
    }

    private void question(byte[] query) throws Exception {
        List<byte[]> replies = new ArrayList<>();
        guard.answer(query, false, asker, replies::add);
        Promise.same(replies.size(), 1, "there is one reply");
        byte[] reply = replies.getFirst();
        if (reply.length > 0) {
            Message refusal = new Message(reply);
            Promise.kept(refusal.getHeader().getFlag(Flags.QR), "a refusal is a reply");
            Promise.same(
                    refusal.getHeader().getID(),
                    (query[0] & 0xff) << 8 | (query[1] & 0xff),
                    "its own");
        }
    }

    private static void permitted(InetAddress address, long ttlSeconds) {
        Promise.kept(ttlSeconds >= 0, "a life is not negative");
    }

    private static void external(String text) {
        try {
            External external = External.parse(text);
            Promise.kept(
                    external.names().stream().noneMatch(name -> name.isEmpty()),
                    "no name is that of the root");
        } catch (TpException e) {
            // Neither ranges nor names.
        }
    }

    @Override
    public List<byte[]> seeds() throws TextParseException {
        List<byte[]> seeds = new ArrayList<>();
        for (String name :
                List.of(
                        "web.mapped.svc.cluster.local.",
                        "web.other.svc.cluster.local.",
                        "db.corp.example.",
                        "20.0.96.10.in-addr.arpa.",
                        "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa.")) {
            Message query =
                    Message.newQuery(Record.newRecord(Name.fromString(name), Type.A, DClass.IN));
            query.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
            seeds.add(new Bytes().octet(0).raw(query.toWire()).array());
            query.getHeader().setFlag(Flags.QR);
            query.addRecord(
                    new ARecord(
                            Name.fromString(name),
                            DClass.IN,
                            30,
                            InetAddress.ofLiteral("192.0.2.7")),
                    Section.ANSWER);
            seeds.add(new Bytes().octet(1).raw(query.toWire()).array());
        }
        seeds.add(new Bytes().octet(2).text("10.9.0.0/16, .corp.example fd00::/8").array());
        return seeds;
    }

    /** What dnsjava makes of names that lead to each other. */
    @Override
    public long capBytes(int inputBytes) {
        return 256 * 1024 + 8_192L * inputBytes;
    }
}
