package tp.stack;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import tp.packet.IpAddress;

/** Finding the connection of a packet among few and among very many. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FlowLookupBenchmark {

    @Param({"10", "1000", "200000"})
    public int flows = 1000;

    private final TupleTable table = new TupleTable();
    private final FlowView flow = new FlowView();
    private int next;

    @Setup
    public void setUp() {
        for (int i = 0; i < flows; i++) {
            point(i);
            table.add(i, flow);
        }
    }

    @Benchmark
    public int hit() {
        // A step that is prime to the count visits the flows in an order without locality.
        next = (int) ((next + 7_919L) % flows);
        point(next);
        return table.find(flow);
    }

    @Benchmark
    public int miss() {
        next = (int) ((next + 7_919L) % flows);
        point(flows + next);
        return table.find(flow);
    }

    private void point(int i) {
        flow.sourceLow = IpAddress.ofIpv4(0x647f_0001);
        flow.destinationLow = IpAddress.ofIpv4(0x0a60_0000 + i / 50_000);
        flow.ports = (10_000 + i % 50_000) << 16 | 8080;
    }
}
