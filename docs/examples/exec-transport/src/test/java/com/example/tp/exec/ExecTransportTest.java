package com.example.tp.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.spi.transport.Link;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportProvider;
import tp.testkit.Peer;
import tp.testkit.TransportContract;

/**
 * The peer of a contract is a port of this host, to which a shell leads: {@code cat} tells a reset
 * from an end, which {@code socat} does not.
 */
class ExecTransportTest extends TransportContract {

    @Override
    public TransportProvider provider() {
        return new ExecProvider(Optional.of("true"));
    }

    @Override
    protected Transport transportTo(Peer peer) throws Exception {
        ServerSocketChannel port = ServerSocketChannel.open();
        port.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.ofVirtual().start(() -> serve(port, peer));
        Transport transport = to(((InetSocketAddress) port.getLocalAddress()).getPort());
        return new Transport() {
            @Override
            public Link open() throws IOException {
                return transport.open();
            }

            @Override
            public void close() {
                transport.close();
                try {
                    port.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    @Override
    protected Transport transportToNobody() throws Exception {
        try (ServerSocketChannel gone = ServerSocketChannel.open()) {
            gone.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            return to(((InetSocketAddress) gone.getLocalAddress()).getPort());
        }
    }

    private static final String COMMAND =
            "exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/$TP_PORT || exit; cat <&0 >&3 & cat <&3'";

    private static Transport to(int port) {
        return new ExecTransport(COMMAND, new ManagerLocation("n", "p", port));
    }

    private static void serve(ServerSocketChannel port, Peer peer) {
        try {
            while (true) {
                SocketChannel taken = port.accept();
                Thread.ofVirtual().start(() -> serve(taken, peer));
            }
        } catch (IOException e) {
            // The transport was closed, and the port with it.
        }
    }

    private static void serve(SocketChannel taken, Peer peer) {
        try (taken) {
            try {
                peer.serve(taken);
            } catch (IOException e) {
                taken.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException e) {
            // The other side has gone.
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no-such-command | 127: .*no-such-command.*not found",
                "echo the key is not known >&2; exit 255 | 255: the key is not known",
                "exit 3 | 3, and said nothing",
                "printf 'one\\n\\033[31mtwo\\n' >&2; exit 1 | 1: \\?\\[31mtwo",
            })
    void aCommandThatCannotStartIsOneLine(String command, String line) {
        try (Transport transport =
                new ExecTransport(command, new ManagerLocation("n", "p", 8443))) {
            assertThatThrownBy(transport::open)
                    .isInstanceOf(IOException.class)
                    .satisfies(
                            e ->
                                    assertThat(e.getMessage())
                                            .matches("the command ended with " + line));
        }
    }
}
