package tp.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Reading a question, and answering one of which the answer is known. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AnswerBenchmark {

    private static final long TTL_SECONDS = 300;
    private static final Name ASKED =
            Name.fromConstantString("verylargejavaservice.default.svc.cluster.local.");

    private final ResolverZones zones =
            ResolverZones.of("cluster.local", List.of("default"), List.of());
    private final Resolver resolver =
            new Resolver(
                    () -> zones,
                    (wire, tcp, listener) -> listener.answered(answerTo(wire)),
                    (wire, tcp, listener) -> listener.failed(Upstream.Failure.NO_SERVER),
                    new StandingClock());
    private final byte[] query = query();
    private ByteBuffer answer = ByteBuffer.allocate(0);

    /** From here on the answer is known. */
    @Setup
    public void setUp() {
        cached();
    }

    @Benchmark
    public Object parse() {
        return Question.parse(query, false, reply -> answer = reply);
    }

    @Benchmark
    public ByteBuffer cached() {
        resolver.resolve(ByteBuffer.wrap(query), false, reply -> answer = reply);
        return answer;
    }

    /** {@return how many answers came out of the cache} */
    public long hits() {
        return resolver.statistics().cached();
    }

    private static byte[] query() {
        Message query = new Message(0x4711);
        query.getHeader().setFlag(Flags.RD);
        query.addRecord(Record.newRecord(ASKED, Type.A, DClass.IN), Section.QUESTION);
        return query.toWire();
    }

    private static byte[] answerTo(byte[] wire) {
        try {
            Message message = new Message(wire);
            message.getHeader().setFlag(Flags.QR);
            InetAddress address = InetAddress.ofLiteral("10.96.0.20");
            message.addRecord(new ARecord(ASKED, DClass.IN, TTL_SECONDS, address), Section.ANSWER);
            return message.toWire();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Nothing ever expires. */
    private static final class StandingClock implements ResolverClock {
        @Override
        public long nowNs() {
            return 0;
        }

        @Override
        public Runnable after(long delayNs, Runnable task) {
            return () -> {};
        }
    }
}
