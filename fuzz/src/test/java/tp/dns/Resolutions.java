package tp.dns;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;
import tp.fuzz.Bytes;
import tp.fuzz.Input;
import tp.fuzz.Promise;
import tp.fuzz.Target;
import tp.spi.common.Cidr;

/**
 * A resolver that is asked anything and told anything. An input is a byte of flags, the question as
 * a chunk, and chunks that are what upstreams say.
 */
public final class Resolutions implements Target {

    private static final int HEADER_BYTES = 12;

    /** Runs what is due when it is told to. */
    private static final class Clock implements ResolverClock {
        private final List<Runnable> due = new ArrayList<>();
        private long nowNs;

        @Override
        public long nowNs() {
            return nowNs;
        }

        @Override
        public Runnable after(long delayNs, Runnable task) {
            due.add(task);
            return () -> due.remove(task);
        }

        void endOfTime() {
            nowNs += Duration.ofHours(1).toNanos();
            for (int i = 0; i < 100 && !due.isEmpty(); i++) {
                due.removeFirst().run();
            }
        }
    }

    @Override
    public void take(byte[] input) {
        Input in = new Input(input);
        int flags = in.octet();
        boolean tcp = (flags & 1) != 0;
        byte[] query = in.chunk();
        Deque<byte[]> said = new ArrayDeque<>();
        while (!in.isEmpty() && said.size() < 8) {
            said.add(in.chunk());
        }
        Clock clock = new Clock();
        Upstream upstream = (question, overTcp, listener) -> answer(question, said, listener);
        Resolver resolver = new Resolver(Resolutions::zones, upstream, upstream, clock);
        List<ByteBuffer> replies = new ArrayList<>();
        resolver.resolve(ByteBuffer.wrap(query), tcp, replies::add);
        resolver.resolve(ByteBuffer.wrap(query), tcp, replies::add); // perhaps out of the cache
        clock.endOfTime();
        Promise.kept(replies.size() <= 2, "each question is answered once at most");
        replies.forEach(reply -> judge(reply, query, tcp));
        Promise.kept(clock.due.isEmpty(), "nothing waits for ever");
    }

    private static ResolverZones zones() {
        return new ResolverZones(
                "cluster.local",
                Map.of("default", "default", "here", "there"),
                List.of(Cidr.parse("10.96.0.0/16")));
    }

    private static void answer(byte[] question, Deque<byte[]> said, Upstream.Listener listener) {
        byte[] answer = said.poll();
        if (answer == null) {
            listener.failed(Upstream.Failure.TIMED_OUT);
            return;
        }
        // Upstreams give back whole messages with the identifier of the question.
        byte[] whole = answer;
        if (answer.length < HEADER_BYTES) {
            whole = Arrays.copyOf(answer, HEADER_BYTES);
        }
        whole[0] = question[0];
        whole[1] = question[1];
        listener.answered(whole);
    }

    private static void judge(ByteBuffer reply, byte[] query, boolean tcp) {
        Promise.kept(reply.remaining() >= HEADER_BYTES, "a reply has a header");
        Promise.kept(
                reply.get(0) == query[0] && reply.get(1) == query[1], "a reply is to the question");
        int most = tcp ? 65_535 : limit(query);
        Promise.kept(reply.remaining() <= most, "a reply is as long as it may be");
    }

    private static int limit(byte[] query) {
        try {
            OPTRecord opt = new Message(query).getOPT();
            return opt == null ? 512 : Math.max(512, opt.getPayloadSize());
        } catch (IOException | RuntimeException e) {
            return 512;
        }
    }

    @Override
    public List<byte[]> seeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (String name :
                List.of(
                        "web.default.",
                        "web.default.svc.cluster.local.",
                        "web.here.",
                        "a.unmapped.svc.cluster.local.",
                        "20.0.96.10.in-addr.arpa.",
                        "example.com.")) {
            for (int type : List.of(Type.A, Type.SRV)) {
                seeds.add(seed(name, type));
            }
        }
        return seeds;
    }

    private static byte[] seed(String name, int type) throws IOException {
        Message query = Message.newQuery(Record.newRecord(Name.fromString(name), type, DClass.IN));
        query.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
        Message answer = query.clone();
        answer.getHeader().setFlag(Flags.QR);
        answer.addRecord(
                Record.fromString(
                        Name.fromString(name),
                        type,
                        DClass.IN,
                        5,
                        type == Type.A ? "10.96.0.20" : "0 1 80 web.there.svc.cluster.local.",
                        Name.root),
                Section.ANSWER);
        answer.addRecord(
                new OPTRecord(1232, 0, 0, 0, new ExtendedErrorCodeOption(18, "why")),
                Section.ADDITIONAL);
        return new Bytes()
                .octet(0)
                .chunk(query.toWire())
                .chunk(answer.toWire())
                .chunk(answer.toWire())
                .array();
    }

    /** Two resolutions, with rules and tables of their own, and what dnsjava makes of names. */
    @Override
    public long capBytes(int inputBytes) {
        return 512 * 1024 + 16_384L * inputBytes;
    }
}
