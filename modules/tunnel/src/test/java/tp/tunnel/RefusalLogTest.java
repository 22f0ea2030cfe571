package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RefusalLogTest {

    private final AtomicLong nowNs = new AtomicLong();
    private final RefusalLog log = new RefusalLog(nowNs::get);
    private final InetSocketAddress one =
            new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 1);
    private final InetSocketAddress other =
            new InetSocketAddress(InetAddress.ofLiteral("192.0.2.2"), 2);

    @Test
    void eachReasonOfEachAddressIsLoggedOnceInTenMinutesAndCountedEachTime() {
        assertThat(log.refused(one, "no token")).isTrue();
        assertThat(log.refused(one, "no token")).isFalse();
        assertThat(log.refused(one, "another")).isTrue();
        assertThat(log.refused(other, "no token")).isTrue();
        nowNs.addAndGet(TimeUnit.MINUTES.toNanos(10) - 1);
        assertThat(log.refused(one, "no token")).isFalse();
        nowNs.addAndGet(1);
        assertThat(log.refused(one, "no token")).isTrue();
        assertThat(log.count()).isEqualTo(6);
    }

    /** Who refuses may quote what a stranger sent. */
    @Test
    void aReasonIsOneLineOfBoundedLength() {
        assertThat(log.refused(one, "a\n2026 INFO forged")).isTrue();
        assertThat(log.refused(one, "a?2026 INFO forged")).isFalse();
        assertThat(log.refused(one, "x".repeat(5000))).isTrue();
        assertThat(log.refused(one, "x".repeat(6000))).isFalse();
    }

    @Test
    void manyAddressesTakeBoundedMemoryAndTheNewestAreKnown() {
        for (int i = 0; i < 5000; i++) {
            log.refused(one, "reason " + i);
        }
        assertThat(log.refused(one, "reason 4999")).isFalse();
        assertThat(log.refused(one, "reason 0")).isTrue();
    }
}
