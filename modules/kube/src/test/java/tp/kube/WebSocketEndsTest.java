package tp.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.http.WebSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The channel against each thing that a server may send: RFC 6455 and v4.channel.k8s.io. */
@Timeout(60)
class WebSocketEndsTest {

    private final List<WebSocketChannel> closed = new ArrayList<>();
    private final WebSocketChannel channel =
            new WebSocketChannel(new PortForwardMessages(), closed::add);
    private final Socket socket = new Socket();

    /** Takes what is sent and counts what is asked for. */
    private static final class Socket implements WebSocket {
        private final List<byte[]> sent = new ArrayList<>();
        private int requests;
        private int closeCode;
        private boolean broken;

        @Override
        public boolean send(ByteBuffer buffer) {
            byte[] copy = new byte[buffer.remaining()];
            buffer.get(copy);
            sent.add(copy);
            return !broken;
        }

        @Override
        public boolean sendClose(int code, String reason) {
            closeCode = code;
            return true;
        }

        @Override
        public long queueSize() {
            return 0;
        }

        @Override
        public void request() {
            requests++;
        }
    }

    @Test
    void dataComesAfterThePortAndAnOrderlyCloseIsTheEnd() throws IOException {
        open();
        receive(0, "abc");
        receive(0, "");
        channel.onClose(socket, 1000, "");

        assertThat(read()).isEqualTo("abc");
        assertThat(channel.read(ByteBuffer.allocate(8))).isEqualTo(-1);
        assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void theErrorChannelEndsItWithItsText() throws IOException {
        open();
        receive(0, "abc");
        receive(1, "error forwarding port 8443:\n connection refused");
        channel.onClose(socket, 1000, "");

        assertThat(read()).isEqualTo("abc");
        assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(8)))
                .isInstanceOf(IOException.class)
                .hasMessage("error forwarding port 8443: connection refused");
        assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1)))
                .hasMessageContaining("connection refused");
    }

    @ParameterizedTest
    @ValueSource(ints = {1001, 1006, 1011, 0, -1})
    void anyOtherCloseIsAnError(int code) {
        open();
        channel.onClose(socket, code, "");

        assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(8)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("broke");
    }

    @Test
    void aLostConnectionIsAnErrorAlsoWhenACloseFollows() {
        open();
        channel.onError(socket, new IOException("reset\nby peer"));
        channel.onClose(socket, 1000, "");

        assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(8)))
                .hasMessage("the forwarded connection broke: reset by peer");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 0x7f, 0xff})
    void anUnknownChannelIsAnError(int number) {
        open();
        receive(number, "x");

        assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(8)))
                .hasMessageContaining("unknown channel");
    }

    @Test
    void textIsAnError() {
        open();
        channel.onMessage(socket, "text");

        assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(8)))
                .hasMessageContaining("sent text");
    }

    @Test
    void aPortOfTheWrongLengthIsAnError() {
        channel.onOpen(socket);
        channel.onMessage(socket, ByteBuffer.wrap(new byte[] {0, 1, 2, 3}));

        assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(8)))
                .hasMessageContaining("did not name the port");
    }

    @Test
    void anEmptyMessageIsPassedOver() throws IOException {
        open();
        channel.onMessage(socket, ByteBuffer.allocate(0));
        receive(0, "x");

        assertThat(read()).isEqualTo("x");
    }

    @Test
    void noMoreIsAskedForThanTheReaderTakes() throws IOException {
        open();
        String big = "x".repeat(60_000);
        int before = socket.requests;
        int messages = 0;
        while (socket.requests == before + messages) {
            receive(0, big);
            messages++;
            assertThat(messages).isLessThan(100);
        }
        assertThat(messages * 60_000).isBetween(512 << 10, (512 << 10) + 60_000);
        channel.read(ByteBuffer.allocate(60_000));

        assertThat(socket.requests).isEqualTo(before + messages);
    }

    @Test
    void aWriteIsCutIntoFramesThatBeginWithTheChannel() throws IOException {
        open();
        byte[] bytes = new byte[200_000];
        bytes[0] = 5;
        channel.write(ByteBuffer.wrap(bytes));

        assertThat(socket.sent).hasSize(4).allMatch(frame -> frame.length <= 64 << 10);
        assertThat(socket.sent).allMatch(frame -> frame[0] == 0);
        assertThat(socket.sent.stream().mapToInt(frame -> frame.length - 1).sum())
                .isEqualTo(200_000);
        assertThat(socket.sent.getFirst()[1]).isEqualTo((byte) 5);
    }

    @Test
    void aRefusedSendIsAnError() {
        open();
        socket.broken = true;

        assertThatThrownBy(
                        () -> {
                            channel.write(ByteBuffer.allocate(1));
                            channel.write(ByteBuffer.allocate(1));
                        })
                .isInstanceOf(IOException.class);
    }

    @Test
    void closingSaysSoOnceAndDropsWhatStillComes() {
        open();
        channel.close();
        channel.close();
        int before = socket.requests;
        receive(0, "late");

        assertThat(closed).containsExactly(channel);
        assertThat(socket.closeCode).isEqualTo(1000);
        assertThat(socket.requests).as("the closing handshake is reached").isGreaterThan(before);
        assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(8)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aSocketThatOpensAfterTheCloseIsClosed() {
        channel.close();
        channel.onOpen(socket);

        assertThat(socket.closeCode).isEqualTo(1000);
    }

    private void open() {
        channel.onOpen(socket);
        channel.onMessage(socket, ByteBuffer.wrap(new byte[] {0, (byte) 0xfb, 0x20}));
        channel.onMessage(socket, ByteBuffer.wrap(new byte[] {1, (byte) 0xfb, 0x20}));
    }

    private void receive(int number, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] message = new byte[bytes.length + 1];
        message[0] = (byte) number;
        System.arraycopy(bytes, 0, message, 1, bytes.length);
        channel.onMessage(socket, ByteBuffer.wrap(message));
    }

    private String read() throws IOException {
        ByteBuffer target = ByteBuffer.allocate(64);
        channel.read(target);
        return StandardCharsets.UTF_8.decode(target.flip()).toString();
    }
}
