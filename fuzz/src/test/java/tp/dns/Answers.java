package tp.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;
import tp.fuzz.Bytes;
import tp.fuzz.Promise;
import tp.fuzz.Target;
import tp.spi.common.Cidr;

/** What a DNS server says, and what is made of it: other addresses, other names, other ages. */
public final class Answers implements Target {

    private static final Name ASKED = Name.fromConstantString("web.default.svc.cluster.local.");

    private final Message query = Message.newQuery(Record.newRecord(ASKED, Type.A, DClass.IN));
    private final NameAliases aliases =
            new NameAliases(
                    new ResolverZones("cluster.local", Map.of("other", "default"), List.of()));
    private final AddressTranslation translation =
            new AddressTranslation(
                    new VirtualAddresses(
                            Optional.of(Cidr.parse("198.18.0.0/16")),
                            Cidr.parse("fd74:7470:1::/64"),
                            new SplittableRandom(1),
                            64),
                    address -> address.getAddress()[0] == 10);

    @Override
    public void take(byte[] input) {
        Promise.kept(AddressQuestion.lack(input) != null, "a lack has words");
        answered(input);
        // The same behind the header and the question that a server has to send back.
        byte[] head = query.toWire();
        head[2] |= (byte) 0x80;
        if (input.length >= 4) {
            head[3] = input[0];
            head[7] = (byte) (input[1] & 0xf);
            head[9] = (byte) (input[2] & 0xf);
            head[11] = (byte) (input[3] & 0xf);
            byte[] rest = Arrays.copyOfRange(input, 4, input.length);
            answered(new Bytes().raw(head).raw(rest).array());
        }
    }

    private void answered(byte[] wire) {
        ClusterAnswer answer = ClusterAnswer.parse(wire, query);
        if (answer == null) {
            return;
        }
        Promise.kept(answer.ttlSeconds() >= 0 && answer.ttlSeconds() <= 300, "a life has a cap");
        List<ByteBuffer> replies = new ArrayList<>();
        ClusterAnswer translated = translation.translate(answer, query::toWire);
        reply(translated == null ? answer : translated, replies);
        for (ByteBuffer reply : replies) {
            try {
                Message said = new Message(reply.duplicate());
                Promise.kept(said.getHeader().getFlag(Flags.QR), "a reply is one");
            } catch (IOException e) {
                throw new AssertionError("a reply of ours can be read", e);
            }
        }
        Promise.same(replies.size(), 1, "there is one reply");
    }

    private void reply(ClusterAnswer answer, List<ByteBuffer> replies) {
        if (Question.parse(query.toWire(), true, replies::add)
                instanceof Question.Parsed.Good good) {
            good.question()
                    .reply(answer, 2_000_000_000L, record -> aliases.said(record, ASKED, ASKED));
        }
    }

    @Override
    public List<byte[]> seeds() throws IOException {
        InetAddress outside = InetAddress.ofLiteral("192.0.2.7");
        InetAddress six = InetAddress.ofLiteral("2001:db8::7");
        Name other = Name.fromString("db.default.svc.cluster.local.");
        List<byte[]> seeds = new ArrayList<>();
        for (Record record :
                List.of(
                        new ARecord(ASKED, DClass.IN, 30, outside),
                        new AAAARecord(ASKED, DClass.IN, 30, six),
                        new CNAMERecord(ASKED, DClass.IN, 30, other),
                        new SRVRecord(ASKED, DClass.IN, 30, 1, 2, 443, other),
                        new SOARecord(ASKED, DClass.IN, 30, other, other, 1, 2, 3, 4, 5),
                        new TXTRecord(ASKED, DClass.IN, 30, "text"),
                        Record.fromString(
                                ASKED,
                                Type.SVCB,
                                DClass.IN,
                                30,
                                "1 . alpn=h2 ipv4hint=192.0.2.7 ipv6hint=2001:db8::7",
                                Name.root))) {
            Message answer = query.clone();
            answer.getHeader().setFlag(Flags.QR);
            answer.addRecord(record, Section.ANSWER);
            byte[] wire = answer.toWire();
            seeds.add(wire);
            byte[] counts = {0, 1, 0, 0};
            int head = query.toWire().length;
            seeds.add(
                    new Bytes()
                            .raw(counts)
                            .raw(Arrays.copyOfRange(wire, head, wire.length))
                            .array());
        }
        return seeds;
    }

    /** dnsjava has objects for names and labels, and a name may lead to another one. */
    @Override
    public long capBytes(int inputBytes) {
        return 512 * 1024 + 8_192L * inputBytes;
    }
}
