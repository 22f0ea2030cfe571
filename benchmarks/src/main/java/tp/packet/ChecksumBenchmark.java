package tp.packet;

import java.nio.ByteBuffer;
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

/** A checksum summed over everything, against one updated by what changed. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ChecksumBenchmark {

    @Param({"40", "1500", "65520"})
    public int packetBytes = 1500;

    private ByteBuffer packet = ByteBuffer.allocate(0);
    private int checksum = 0x1234;

    @Setup
    public void setUp() {
        packet = ByteBuffer.allocateDirect(packetBytes);
        for (int i = 0; i < packetBytes; i++) {
            packet.put(i, (byte) (i * 31));
        }
    }

    @Benchmark
    public int full() {
        return Checksum.finish(Checksum.sum(packet, 0, packetBytes));
    }

    /** What rewriting an IPv4 segment costs: two addresses and two ports. */
    @Benchmark
    public int incremental() {
        long oldSum = Checksum.sum(packet, 12, 8) + packet.getInt(20);
        checksum = Checksum.update(checksum, oldSum, oldSum + 0x1234_5678L);
        return checksum;
    }
}
