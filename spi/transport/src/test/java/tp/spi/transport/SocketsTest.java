package tp.spi.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Loops, and the sockets that go with them. */
class SocketsTest {

    @ParameterizedTest
    @EnumSource
    void aSocketOfTheKindRunsOnItsLoop(Sockets kind) throws Exception {
        assumeTrue(kind.isAvailable(), "not run: sockets of epoll need Linux on x86_64");
        EventLoopGroup loops = kind.loops(2);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(Sockets.of(loops)).isEqualTo(kind);
            assertThat(Sockets.of(loops.next())).isEqualTo(kind);
            Channel connection =
                    new Bootstrap()
                            .group(loops)
                            .channel(Sockets.of(loops).connection())
                            .handler(new ChannelInboundHandlerAdapter())
                            .connect(server.getLocalSocketAddress())
                            .sync()
                            .channel();
            server.accept().close();
            assertThat(connection.closeFuture().await(5, TimeUnit.SECONDS)).isTrue();
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRefusalReadsTheSame(Sockets kind) throws Exception {
        assumeTrue(kind.isAvailable(), "not run: sockets of epoll need Linux on x86_64");
        EventLoopGroup loops = kind.loops(1);
        InetSocketAddress closed;
        try (ServerSocket freed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = (InetSocketAddress) freed.getLocalSocketAddress();
        }
        Throwable refused =
                new Bootstrap()
                        .group(loops)
                        .channel(kind.connection())
                        .handler(new ChannelInboundHandlerAdapter())
                        .connect(closed)
                        .await()
                        .cause();
        assertThat(Sockets.reason(refused)).isEqualTo("Connection refused");
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(
                        new ConnectException(
                                "finishConnect(..) failed with error(-110): Connection timed out:"
                                        + " example.com/[2001:db8:0:0:0:0:0:1]:443"),
                        "Connection timed out"),
                Arguments.of(new NoRouteToHostException(), "No route to host"),
                Arguments.of(new ConnectException("no: wss://host/path"), "no: wss://host/path"),
                Arguments.of(new ConnectException(), "null"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void systemCallsAndAddressesAreLeftOut(Throwable failure, String reason) {
        assertThat(Sockets.reason(failure)).isEqualTo(reason);
    }
}
