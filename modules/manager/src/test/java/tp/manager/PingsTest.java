package tp.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.tunnel.EchoFailure;
import tp.tunnel.EchoTarget;

class PingsTest {

    @ParameterizedTest
    @CsvSource({
        "true, 3, 0, NETWORK_UNREACHABLE",
        "true, 3, 1, HOST_UNREACHABLE",
        "true, 3, 2, PORT_UNREACHABLE",
        "true, 3, 3, PORT_UNREACHABLE",
        "true, 3, 4, ''", // fragmentation needed
        "true, 3, 13, PROHIBITED",
        "true, 3, 200, ''",
        "true, 11, 0, EXPIRED",
        "true, 12, 0, ''",
        "true, 0, 0, ''",
        "false, 1, 0, NETWORK_UNREACHABLE",
        "false, 1, 1, PROHIBITED",
        "false, 1, 3, HOST_UNREACHABLE",
        "false, 1, 4, PORT_UNREACHABLE",
        "false, 2, 0, ''", // packet too big
        "false, 3, 0, EXPIRED",
        "false, 129, 0, ''",
    })
    void whatAnErrorSays(boolean ipv4, int type, int code, String said) {
        assertThat(SocketPings.failure(ipv4, type, code).map(EchoFailure::name).orElse(""))
                .isEqualTo(said);
    }

    /** Whichever it is here, it is said or done; and jnr-ffi is not there. */
    @Test
    void targetsAreAskedOrItIsSaidWhyNot() throws Exception {
        BlockingQueue<Integer> replies = new LinkedBlockingQueue<>();
        try (SocketPings pings = SocketPings.start()) {
            if (pings.refusal().isEmpty()) {
                EchoTarget target =
                        pings.open(InetAddress.ofLiteral("127.0.0.1"), new Ears(replies));
                target.ask(ByteBuffer.allocate(2 + 56).putShort(0, (short) 77));
                assertThat(replies.poll(5, TimeUnit.SECONDS)).isEqualTo(77);
                target.close();
            } else {
                assertThat(pings.refusal())
                        .matches(
                                "the manager's pod may not open ICMP sockets .*ping_group_range, \"\\d+ \\d+\".*");
            }
        }
        assertThat(ModuleLayer.boot().findModule("org.jnrproject.ffi")).isEmpty();
    }

    private record Ears(BlockingQueue<Integer> replies) implements EchoTarget.Ears {
        @Override
        public void replied(ByteBuffer echoed) {
            replies.add((int) echoed.getShort(echoed.position()));
        }

        @Override
        public void failed(int sequence, EchoFailure reason) {}
    }
}
