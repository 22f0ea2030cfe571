package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How full links are kept, and how long what comes new waits; in virtual time. */
class LinkWindowTest {

    private static final long ENDLESS = 1L << 40;

    /** The path without a queue is looked at each 10 s, which takes a round trip. */
    private static final double LEAST_SHARE = 0.9;

    /** What may wait below the session (design: about 200 ms). */
    private static final double QUEUE_MS = 200;

    @ParameterizedTest
    @CsvSource({"1, 5, 1", "10, 10, 2", "10, 10, 40", "10, 150, 4", "100, 50, 3", "1000, 1, 4"})
    void bothDirectionsAreFullAndTheirQueuesShort(double rate, long delayMs, int flows) {
        SimulatedLink link = new SimulatedLink(rate, delayMs);
        for (int i = 0; i < flows; i++) {
            link.up.flow(ENDLESS);
            link.down.flow(ENDLESS);
        }
        link.run(5_000);
        link.run(60_000);

        for (SimulatedLink.Direction way : List.of(link.up, link.down)) {
            assertThat(way.share()).isGreaterThan(LEAST_SHARE);
            assertThat(way.queueMs(0.95)).isLessThan(QUEUE_MS);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 5, 1",
        "10, 0, 1",
        "10, 20, 1",
        "10, 20, 50",
        "10, 150, 4",
        "100, 2, 1",
        "100, 50, 3",
        "1000, 0, 1",
        "1000, 10, 8"
    })
    void aLinkIsFullAndItsQueueShort(double rate, long delayMs, int flows) {
        SimulatedLink link = new SimulatedLink(rate, delayMs);
        for (int i = 0; i < flows; i++) {
            link.up.flow(ENDLESS);
        }
        link.run(5_000);
        link.run(30_000);

        assertThat(link.up.share()).isGreaterThan(LEAST_SHARE);
        // A grant is 4 KiB at least, which is 32 ms at 1 Mbit/s.
        assertThat(link.up.queueMs(0.95)).isLessThan(QUEUE_MS + 32 / rate);
    }

    @ParameterizedTest
    @CsvSource({"10, 20, 100, 20", "100, 20, 10, 20", "20, 5, 20, 150", "20, 150, 20, 5"})
    void aPathThatChangesIsFollowed(double rate, long delayMs, double laterRate, long laterMs) {
        SimulatedLink link = new SimulatedLink(rate, delayMs);
        link.up.flow(ENDLESS);
        link.up.flow(ENDLESS);
        link.run(10_000);
        link.rate(laterRate);
        link.delay(laterMs);
        link.run(15_000);
        link.run(30_000);

        assertThat(link.up.share()).isGreaterThan(LEAST_SHARE);
        assertThat(link.up.queueMs(0.95)).isLessThan(QUEUE_MS);
    }

    @Test
    void aFastPathIsNeverWaitedFor() {
        SimulatedLink link = new SimulatedLink(20_000, 0);
        // A flow's credit is 1 MiB: the window is to be wider before it is used up.
        for (int i = 0; i < 20; i++) {
            link.up.flow(1 << 20);
            link.run(5);
        }
        assertThat(link.up.window.limitBytes()).isGreaterThan(8 << 20);
    }

    @Test
    void twoHundredSmallFlowsWaitForEachOtherAndNotOnTheLink() {
        SimulatedLink link = new SimulatedLink(10, 10);
        link.up.flow(ENDLESS);
        link.run(5_000);
        List<SimulatedLink.Sender> small = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            small.add(link.up.flow(20_000));
        }
        link.run(6_000);

        assertThat(link.up.queueMs(1)).isLessThan(QUEUE_MS);
        assertThat(small).allMatch(SimulatedLink.Sender::done);
    }

    @Test
    void aSmallFlowPassesLargeOnes() {
        SimulatedLink link = new SimulatedLink(10, 10);
        for (int i = 0; i < 20; i++) {
            link.up.flow(ENDLESS);
        }
        link.run(5_000);
        SimulatedLink.Sender request = link.up.flow(2_000);
        link.run(1_000);

        assertThat(request.tookMs()).isLessThan(QUEUE_MS + 60);
    }

    @Test
    void smallFlowsWithoutEndDoNotStopALargeOne() {
        SimulatedLink link = new SimulatedLink(10, 10);
        SimulatedLink.Sender large = link.up.flow(1_000_000);
        for (int i = 0; i < 10_000; i++) {
            link.after(i, () -> link.up.flow(4_000));
        }
        link.run(6_000);

        assertThat(large.done()).isTrue();
    }

    @Test
    void aFlowThatEndsGivesBackWhatItHadUnderWay() {
        SimulatedLink link = new SimulatedLink(10, 10);
        SimulatedLink.Sender first = link.up.flow(ENDLESS);
        SimulatedLink.Sender second = link.up.flow(ENDLESS);
        link.run(3_000);
        long before = link.up.window.underWay();
        first.end();
        second.end();

        assertThat(before).isPositive();
        assertThat(link.up.window.underWay()).isZero();
    }

    @Test
    void datagramsFindRoomBesideBulkAndNoMoreThanHalf() {
        SimulatedLink link = new SimulatedLink(10, 10);
        link.up.flow(ENDLESS);
        link.run(5_000);
        LinkWindow.Share datagrams = link.up.window.datagrams();
        int sent = 0;
        while (datagrams.sendDatagram(1_000) && sent < 1_000) {
            sent++;
        }

        assertThat(sent * 1_000L)
                .isBetween(link.up.window.limitBytes() / 4, link.up.window.limitBytes());
        datagrams.acknowledged(sent * 1_000L);
        assertThat(datagrams.sendDatagram(1_000)).isTrue();
    }

    @Test
    void acknowledgementsOfWhatWasNeverSentChangeNothing() {
        SimulatedLink link = new SimulatedLink(10, 10);
        LinkWindow.Share share = link.up.window.share(() -> {});
        assertThat(share.grant(1_000)).isEqualTo(1_000);
        share.acknowledged(Long.MAX_VALUE);
        share.acknowledged(Long.MAX_VALUE);
        share.acknowledged(-5);
        share.end();
        share.end();

        assertThat(link.up.window.underWay()).isZero();
    }
}
