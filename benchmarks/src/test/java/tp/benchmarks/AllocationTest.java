package tp.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tp.dns.AnswerBenchmark;
import tp.packet.ChecksumBenchmark;
import tp.stack.FlowLookupBenchmark;
import tp.stack.RewriteBenchmark;
import tp.stack.Verdict;

/** Promise 8: once warm, the packet path does not allocate. The benchmarks' own bodies, counted. */
class AllocationTest {

    private static final int OPERATIONS = 100_000;

    /**
     * What allocates does so in each round. The JVM itself does now and then, where it goes back
     * from compiled code for once and puts in place an object that was none until then.
     */
    private static final int ROUNDS = 10;

    private volatile long[] sink = {};

    static Stream<Arguments> operations() {
        return Stream.of(4, 6).flatMap(AllocationTest::operations);
    }

    private static Stream<Arguments> operations(int ipVersion) {
        RewriteBenchmark rewrite = new RewriteBenchmark();
        rewrite.ipVersion = ipVersion;
        rewrite.setUp();
        FlowLookupBenchmark lookup = new FlowLookupBenchmark();
        lookup.setUp();
        ChecksumBenchmark checksum = new ChecksumBenchmark();
        checksum.setUp();
        String family = " IPv" + ipVersion;
        return Stream.of(
                operation("from application" + family, i -> rewrite.fromApplication()),
                operation("from listener" + family, i -> rewrite.fromListener()),
                operation("UDP in" + family, i -> rewrite.udpFromApplication()),
                operation("UDP out" + family, i -> rewrite.udpToApplication()),
                operation("UDP in fragments in" + family, i -> inFragments(rewrite, i)),
                operation("UDP in fragments out" + family, i -> outFragments(rewrite, i)),
                operation("look-up, hit" + family, i -> lookup.hit()),
                operation("look-up, miss" + family, i -> lookup.miss()),
                operation("checksum" + family, i -> checksum.full()),
                operation("checksum, incremental" + family, i -> checksum.incremental()));
    }

    /** Fewer, because each is 45 packets. */
    private static void inFragments(RewriteBenchmark rewrite, int i) {
        if (i % 10 == 0) {
            rewrite.udpFragmentsFromApplication();
        }
    }

    private static void outFragments(RewriteBenchmark rewrite, int i) {
        if (i % 10 == 0) {
            rewrite.udpFragmentsToApplication();
        }
    }

    private static Arguments operation(String name, IntConsumer body) {
        return Arguments.of(name, body);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("operations")
    void allocatesNothing(String name, IntConsumer operation) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && least > 0; round++) {
            least = Math.min(least, allocated(operation));
        }
        assertThat(least).as(name).isZero();
    }

    /** That the measurement would notice. */
    @Test
    void anAllocationIsSeen() {
        assertThat(allocated(i -> sink = new long[1 + (i & 1)]))
                .isGreaterThanOrEqualTo(16L * OPERATIONS);
    }

    /** That the benchmarks measure what they say: the packets are rewritten and found. */
    @ParameterizedTest
    @MethodSource("versions")
    void theBenchmarksWork(int ipVersion) {
        RewriteBenchmark rewrite = new RewriteBenchmark();
        rewrite.ipVersion = ipVersion;
        rewrite.setUp();
        FlowLookupBenchmark lookup = new FlowLookupBenchmark();
        lookup.setUp();
        for (int i = 0; i < 10; i++) {
            assertThat(rewrite.fromApplication()).isEqualTo(Verdict.WRITE_BACK);
            assertThat(rewrite.fromListener()).isEqualTo(Verdict.WRITE_BACK);
            assertThat(rewrite.udpFromApplication()).isGreaterThan(1_000L * i);
            assertThat(rewrite.udpToApplication()).isTrue();
            long before = rewrite.udpFromApplication();
            assertThat(rewrite.udpFragmentsFromApplication()).isEqualTo(before + 65_507);
            assertThat(rewrite.udpFragmentsToApplication()).isTrue();
            assertThat(lookup.hit()).isNotNegative();
            assertThat(lookup.miss()).isNegative();
        }
    }

    @Test
    void theBenchmarkOfAnswersAnswersFromTheCache() {
        AnswerBenchmark answers = new AnswerBenchmark();
        answers.setUp();
        for (int i = 0; i < 10; i++) {
            assertThat(answers.hits()).isEqualTo(i);
            assertThat(answers.cached().remaining()).isGreaterThan(60);
        }
    }

    static Stream<Integer> versions() {
        return Stream.of(4, 6);
    }

    private static long allocated(IntConsumer operation) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < OPERATIONS; i++) {
            operation.accept(i);
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
