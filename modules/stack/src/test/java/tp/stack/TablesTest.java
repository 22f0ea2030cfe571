package tp.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The primitive tables against those of the JDK. */
class TablesTest {

    @Test
    void aTupleTableIsAMap() {
        SplittableRandom random = new SplittableRandom(7);
        TupleTable table = new TupleTable();
        Map<FlowView, Integer> model = new HashMap<>();
        ArrayDeque<Integer> free = new ArrayDeque<>();
        for (int i = 0; i < 3_000; i++) {
            free.add(i);
        }
        for (int round = 0; round < 300_000; round++) {
            FlowView flow = flow(random);
            assertThat(table.find(flow)).isEqualTo(model.getOrDefault(flow, -1));
            Integer entry = model.remove(flow);
            if (entry != null) {
                table.remove(entry, new FlowView());
                free.add(entry);
            } else if (!free.isEmpty()) {
                table.add(free.peek(), flow);
                model.put(flow, free.remove());
            }
        }
        model.forEach((flow, entry) -> assertThat(table.find(flow)).isEqualTo(entry));
    }

    /** Few distinct values in each field, so that tuples meet again. */
    private static FlowView flow(SplittableRandom random) {
        FlowView flow = new FlowView();
        flow.sourceLow = random.nextInt(4);
        flow.destinationHigh = random.nextInt(2);
        flow.destinationLow = random.nextInt(10);
        flow.ports = random.nextInt(50) << 16 | random.nextInt(3);
        return flow;
    }

    @Test
    void anIntRingIsAQueue() {
        SplittableRandom random = new SplittableRandom(8);
        IntRing ring = new IntRing();
        ArrayDeque<Integer> model = new ArrayDeque<>();
        for (int round = 0; round < 100_000; round++) {
            if (random.nextInt(100) < 52) {
                ring.add(round);
                model.add(round);
            } else if (!model.isEmpty()) {
                assertThat(ring.first()).isEqualTo(model.peek());
                assertThat(ring.remove()).isEqualTo(model.remove());
            }
            assertThat(ring.isEmpty()).isEqualTo(model.isEmpty());
        }
    }
}
