package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What failed connects mean, in the words of the JDK's sockets and of epoll's. */
class DialTest {

    private static final InetSocketAddress HERE =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);

    static Stream<Arguments> failures() {
        return Stream.of(
                failure(new ConnectException("Connection refused"), DialOutcome.REFUSED),
                failure(epoll("connect", 111, "Connection refused"), DialOutcome.REFUSED),
                failure(new PortUnreachableException("recv failed"), DialOutcome.REFUSED),
                failure(new ConnectTimeoutException("130000 ms"), DialOutcome.TIMED_OUT),
                failure(epoll("finishConnect", 110, "Connection timed out"), DialOutcome.TIMED_OUT),
                failure(new NoRouteToHostException(), DialOutcome.HOST_UNREACHABLE),
                failure(new ConnectException("Host is down"), DialOutcome.HOST_UNREACHABLE),
                failure(epoll("connect", 13, "Permission denied"), DialOutcome.PROHIBITED),
                failure(
                        new SocketException("Network is unreachable"),
                        DialOutcome.NETWORK_UNREACHABLE));
    }

    private static Arguments failure(Throwable cause, DialOutcome outcome) {
        return Arguments.of(cause, outcome);
    }

    private static ConnectException epoll(String call, int errno, String words) {
        return new ConnectException(call + "(..) failed with error(-" + errno + "): " + words);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aFailedConnectHasAnOutcome(Throwable cause, DialOutcome outcome) {
        assertThat(Dial.outcome(cause, HERE)).isEqualTo(outcome);
    }
}
