package tp.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tp.spi.common.TpException;

class MessageCodecTest {

    static Stream<Message> messages() {
        return Stream.of(
                new Request.Connect(
                        new ConnectSettings(
                                Optional.of("/home/ä/.kube/config"),
                                Optional.empty(),
                                Optional.of("default"),
                                List.of("default", "team-a"),
                                new ConnectSettings.Account(
                                        Optional.of("tp-client-alice"), Optional.of("team-a")),
                                Optional.of("port-forward"),
                                List.of("quic://h:1"),
                                Optional.empty(),
                                true,
                                ConnectSettings.Outside.NONE)),
                new Request.Status(),
                new Request.Quit(),
                new Request.Plugins(),
                new Request.Intercept("web", Optional.of("default")),
                new Request.Leave("web"),
                new Reply.Intercepted(new StatusReport.Intercept("web", "default"), true),
                Reply.Progress.step("Connecting to the manager …"),
                new Reply.Connected(
                        Reply.Found.ANOTHER_MAPPING,
                        "c",
                        "https://127.0.0.1:6443",
                        Optional.of("default"),
                        OptionalLong.of(4711),
                        List.of("w")),
                new Task.Install(
                        new Task.Cluster(Optional.of("/k"), Optional.empty()),
                        new Task.Images(
                                Optional.of("registry.example/tp-manager:1"), Optional.empty()),
                        true,
                        List.of("team-a", "team-b")),
                new Task.Uninstall(
                        new Task.Cluster(Optional.empty(), Optional.of("c")), List.of("team-a")),
                new Task.PrintManifests(
                        new Task.Images(Optional.empty(), Optional.of("mirror.example/jre:25")),
                        List.of()),
                new Task.PrintRights(
                        Task.Grantee.INSTALLER, Optional.of("quic"), List.of("a", "b")),
                new Reply.Installed("c", "https://127.0.0.1:6443", "0.1.0", 13, List.of("team-a")),
                new Reply.Uninstalled("c", "s", List.of("Role a"), List.of("Role b, because")),
                new Reply.Part("kind: "),
                new Reply.Text("Role\n"),
                new Reply.Done(),
                new Reply.Failed(TpException.Category.TRANSIENT, "what", "next", "trace"),
                new Reply.Plugins(
                        List.of(
                                new PluginEntry("dns", "resolv.conf", "tp.dns", "1", "usable", ""),
                                new PluginEntry("dns", "x", "y", "", "broken", "why"))),
                new Request.Flows(),
                flows(),
                new Reply.Status(StatusReport.notRunning()),
                new Reply.Status(full()));
    }

    private static Reply flows() {
        return new Reply.Flows(
                List.of(
                        new FlowEntry(
                                "tcp",
                                FlowEntry.State.WAITING,
                                "10.0.0.1:2",
                                "10.96.0.1:80",
                                "web",
                                3,
                                4,
                                5,
                                6)),
                true);
    }

    private static StatusReport full() {
        return new StatusReport(
                new StatusReport.DaemonState(true, OptionalLong.of(1), "0.1"),
                new StatusReport.DaemonState(true, OptionalLong.of(1L << 40), "0.1"),
                StatusReport.SessionState.RECONNECTING,
                new StatusReport.Cluster(
                        "s", "c", "n", List.of("a"), List.of(new StatusReport.Alias("a", "b"))),
                new StatusReport.Dns(
                        "d",
                        "1.2.3.4",
                        List.of("z"),
                        List.of("y"),
                        "e",
                        List.of(new StatusReport.Strategy("s", "failed", "r"))),
                new StatusReport.Routes(
                        "tp01234567",
                        List.of("10.0.0.0/8"),
                        List.of(new StatusReport.Skipped("::/64", "why"))),
                new StatusReport.Link(
                        "t",
                        OptionalLong.of(5),
                        "i",
                        "v",
                        7,
                        Optional.of("e"),
                        List.of(new StatusReport.Transport("t", "in use", "r")),
                        "p",
                        Optional.of(new StatusReport.Agentless(List.of("UDP"), List.of("udp x")))),
                new StatusReport.Traffic(
                        4,
                        5,
                        6,
                        7,
                        new StatusReport.Carried(8, 9, 10),
                        new StatusReport.LostLinks(11, 12, 13, 14)),
                List.of(new StatusReport.Intercept("web", "a")));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void whatIsWrittenIsRead(Message message) throws IOException {
        assertThat(MessageCodec.decode(MessageCodec.encode(message))).isEqualTo(message);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void everyTruncationIsRefused(Message message) {
        byte[] whole = MessageCodec.encode(message);
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatIOException().isThrownBy(() -> MessageCodec.decode(part));
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    void damagedBytesAreRefusedOrReadButNeverMore(Message message) {
        Random random = new Random(7);
        byte[] whole = MessageCodec.encode(message);
        for (int round = 0; round < 5_000; round++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            try {
                assertThat(MessageCodec.decode(damaged)).isNotNull();
            } catch (IOException e) {
                assertThat(e).hasMessageMatching("(?s).+");
            }
        }
    }

    @Test
    void anotherVersionIsNamed() {
        byte[] frame = MessageCodec.encode(new Request.Status());
        frame[0] = MessageCodec.FORM + 1;
        assertThatIOException()
                .isThrownBy(() -> MessageCodec.decode(frame))
                .withMessage(
                        "the other side speaks form "
                                + (MessageCodec.FORM + 1)
                                + ", this one "
                                + MessageCodec.FORM);
    }

    @Test
    void whatDoesNotFitAFrameIsNotSent() {
        String big = "x".repeat(MessageCodec.MAX_FRAME_BYTES);
        assertThatThrownBy(() -> MessageCodec.encode(Reply.Progress.step(big)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
