package tp.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;
import tp.incluster.ClusterObject;

/** Which questions reach the cluster's DNS. The client has been granted "mapped" and no other. */
class NameGuardTest {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int WHOLE_BYTES = 3000;

    private DatagramSocket udp;
    private ServerSocket tcp;
    private NameGuard guard;
    private volatile boolean cut;
    private final AtomicInteger silentFor = new AtomicInteger();

    @BeforeEach
    void start() throws IOException {
        tcp = new ServerSocket(0, 10, LOOPBACK);
        udp = new DatagramSocket(new InetSocketAddress(LOOPBACK, tcp.getLocalPort()));
        Thread.ofVirtual().start(this::serveUdp);
        Thread.ofVirtual().start(this::serveTcp);
        AddressBook book = new AddressBook(() -> {});
        book.put(ReachTest.service("mapped", "web", "10.96.0.20"));
        book.put(ReachTest.service("other", "web", "10.96.0.21"));
        book.put(
                new ClusterObject.Pod(
                        "mapped", "p", List.of(InetAddress.ofLiteral("fd00::7")), false, false));
        Reach reach = new Reach(book, () -> ClusterFacts.NONE, address -> Set.of(), () -> 0);
        guard =
                new NameGuard(
                        "Cluster.Local",
                        reach,
                        new Coverage.WholeCluster(),
                        External.parse(".corp.example"),
                        new DnsForwarder(
                                List.of(new InetSocketAddress(LOOPBACK, udp.getLocalPort())),
                                Duration.ofMillis(900)));
    }

    @AfterEach
    void stop() throws IOException {
        udp.close();
        tcp.close();
    }

    @ParameterizedTest
    @CsvSource({
        "web.mapped.svc.cluster.local., A, true",
        "WEB.MAPPED.SVC.CLUSTER.LOCAL., A, true",
        "_http._tcp.web.mapped.svc.cluster.local., SRV, true",
        "pod-0.web.mapped.svc.cluster.local., A, true",
        "10-0-0-1.mapped.pod.cluster.local., A, true",
        "mapped.svc.cluster.local., A, true",
        "dns-version.cluster.local., TXT, true",
        "cluster.local., SOA, true",
        "20.0.96.10.in-addr.arpa., PTR, true",
        "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa., PTR, true",
        "web.other.svc.cluster.local., A, false",
        "*.*.svc.cluster.local., A, false",
        "mapped.other.svc.cluster.local., A, false",
        "web.other.pod.cluster.local., A, false",
        "other.svc.cluster.local., A, false",
        "web.mapped.cluster.local., A, false",
        "web.mapped.svc., A, false",
        "web.mapped., A, false",
        "web.mapped.svc.xcluster.local., A, false",
        "example.com., A, false",
        "corp.example., A, true",
        "db.CORP.example., A, true",
        "xcorp.example., A, false",
        "x\\.corp.example., A, false",
        "example., A, false",
        "., NS, false",
        "21.0.96.10.in-addr.arpa., PTR, false",
        "22.0.96.10.in-addr.arpa., PTR, false",
        "0.96.10.in-addr.arpa., PTR, false",
        "web.mapped.svc.cluster.local., AXFR, false",
    })
    void onlyGrantedNamesAreAsked(String name, String type, boolean asked) throws IOException {
        Message answer = new Message(ask(query(name, type, true).toWire(), false));

        assertThat(answer.getHeader().getID()).isEqualTo(0x4711);
        assertThat(answer.getQuestion().getName().toString()).isEqualTo(name);
        assertThat(Rcode.string(answer.getRcode())).isEqualTo(asked ? "NOERROR" : "REFUSED");
        if (!asked) {
            assertThat(answer.getOPT().getOptions(EDNSOption.Code.EDNS_EXTENDED_ERROR))
                    .extracting(one -> ((ExtendedErrorCodeOption) one).getErrorCode())
                    .containsExactly(ExtendedErrorCodeOption.PROHIBITED);
        }
    }

    @Test
    void whatIsCutIsAskedAgainOverTcp() throws IOException {
        byte[] query = query("web.mapped.svc.cluster.local.", "A", false).toWire();
        assertThat(ask(query, false)).hasSizeLessThan(WHOLE_BYTES);
        assertThat(ask(query, true)).hasSize(WHOLE_BYTES);

        cut = true;
        byte[] answer = ask(query, false);
        assertThat(answer).hasSize(WHOLE_BYTES).startsWith(0x47, 0x11);
    }

    @Test
    void aLostDatagramIsNotALostAnswerAndSilenceIsNone() throws IOException {
        byte[] query = query("web.mapped.svc.cluster.local.", "A", false).toWire();
        silentFor.set(1);
        assertThat(ask(query, false)).isNotEmpty();

        silentFor.set(Integer.MAX_VALUE);
        assertThat(ask(query, false)).isEmpty();
    }

    @Test
    void whatIsNoQuestionGetsNoAnswer() throws IOException {
        Random random = new Random(8);
        byte[] query = query("web.mapped.svc.cluster.local.", "A", true).toWire();
        byte[] answer = query.clone();
        answer[2] |= (byte) 0x80;
        assertThat(ask(answer, false)).isEmpty();
        assertThat(ask(new byte[0], false)).isEmpty();
        assertThat(ask(Arrays.copyOf(query, 20), false)).isEmpty();
        assertThat(ask(new byte[5000], true)).isEmpty();
        for (int round = 0; round < 2000; round++) {
            byte[] mutant = query.clone();
            for (int i = 0; i < 4; i++) {
                mutant[random.nextInt(12)] = (byte) random.nextInt();
            }
            mutant[4 + random.nextInt(8)] = (byte) random.nextInt();
            mutant[12 + 4] ^= 1; // "web." as it is would be asked of the server
            mutant[12 + 5] = 'o';
            ask(mutant, false);
        }
    }

    private byte[] ask(byte[] query, boolean overTcp) {
        List<byte[]> answers = new ArrayList<>();
        guard.answer(
                query,
                overTcp,
                new NameGuard.Asker(Set.of("mapped"), new Permits(() -> 0)),
                answers::add);
        assertThat(answers).hasSize(1);
        return answers.getFirst();
    }

    private void serveUdp() {
        while (!udp.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
                udp.receive(packet);
                if (silentFor.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    continue;
                }
                packet.getData()[2] |= (byte) (cut ? 0x82 : 0x80);
                udp.send(packet);
            } catch (IOException e) {
                return; // closed at the end of the test
            }
        }
    }

    private void serveTcp() {
        while (!tcp.isClosed()) {
            try (Socket peer = tcp.accept()) {
                DataInputStream in = new DataInputStream(peer.getInputStream());
                byte[] query = new byte[in.readUnsignedShort()];
                in.readFully(query);
                byte[] answer = Arrays.copyOf(query, WHOLE_BYTES);
                answer[2] |= (byte) 0x80;
                peer.getOutputStream()
                        .write(new byte[] {(byte) (WHOLE_BYTES >> 8), (byte) WHOLE_BYTES});
                peer.getOutputStream().write(answer);
            } catch (IOException e) {
                return; // closed at the end of the test
            }
        }
    }

    private static Message query(String name, String type, boolean edns) throws IOException {
        Message query = new Message(0x4711);
        query.getHeader().setFlag(Flags.RD);
        query.addRecord(
                Record.newRecord(Name.fromString(name), Type.value(type), 1), Section.QUESTION);
        if (edns) {
            query.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
        }
        return query;
    }
}
