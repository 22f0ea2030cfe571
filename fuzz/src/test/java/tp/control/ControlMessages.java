package tp.control;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tp.fuzz.Bytes;
import tp.fuzz.Promise;
import tp.fuzz.Target;
import tp.spi.common.TpException;

/**
 * What CLI and daemon say to each other. An input is a frame without its first byte, the form: so
 * the corpus stays good when that is raised.
 */
public final class ControlMessages implements Target {

    @Override
    public void take(byte[] input) throws IOException {
        byte[] frame = new Bytes().octet(MessageCodec.FORM).raw(input).array();
        try {
            Frames.read(new ByteArrayInputStream(input), Message.class);
        } catch (IOException e) {
            // No frame.
        }
        Message message;
        try {
            message = MessageCodec.decode(frame);
        } catch (IOException e) {
            return;
        }
        byte[] once = MessageCodec.encode(message);
        Message again = MessageCodec.decode(once);
        Promise.same(message, again, "a message survives its bytes");
        Promise.same(once, MessageCodec.encode(again), "a message has one form");
        ByteArrayOutputStream pipe = new ByteArrayOutputStream();
        Frames.write(message, pipe);
        Promise.same(
                message,
                Frames.read(new ByteArrayInputStream(pipe.toByteArray()), Message.class),
                "and its frame");
    }

    @Override
    public List<byte[]> seeds() {
        ConnectSettings settings =
                new ConnectSettings(
                        Optional.of("/home/ä/.kube/config"),
                        Optional.empty(),
                        Optional.of("default"),
                        List.of("default", "team-a"),
                        new ConnectSettings.Account(Optional.of("tp-client-a"), Optional.empty()),
                        Optional.of("port-forward"),
                        List.of("quic://h:1"),
                        Optional.empty(),
                        true,
                        ConnectSettings.Outside.NONE);
        List<byte[]> seeds = new ArrayList<>();
        for (Message message :
                List.of(
                        new Request.Connect(settings),
                        new Request.Status(),
                        new Request.Quit(),
                        new Request.Plugins(),
                        new Request.Examine(settings),
                        new Request.Intercept("web", Optional.of("default")),
                        new Request.Leave("web"),
                        new Reply.Intercepted(new StatusReport.Intercept("web", "default"), true),
                        Reply.Progress.step("Connecting …"),
                        new Reply.Connected(
                                Reply.Found.ANOTHER_MAPPING,
                                "c",
                                "https://127.0.0.1:6443",
                                Optional.of("default"),
                                OptionalLong.of(4711),
                                List.of("w")),
                        new Reply.Status(StatusReport.notRunning()),
                        new Reply.Plugins(
                                List.of(new PluginEntry("dns", "x", "y", "1", "broken", "why"))),
                        new Reply.Failed(TpException.Category.TRANSIENT, "what", "next", "trace"),
                        new Reply.Installed("c", "s", "0.1.0", 13, List.of("a")),
                        new Task.Install(
                                new Task.Cluster(Optional.of("/k"), Optional.empty()),
                                new Task.Images(Optional.of("i"), Optional.empty()),
                                true,
                                List.of("a", "b")),
                        new Task.PrintRights(
                                Task.Grantee.INSTALLER, Optional.of("quic"), List.of("a")))) {
            byte[] frame = MessageCodec.encode(message);
            seeds.add(java.util.Arrays.copyOfRange(frame, 1, frame.length));
        }
        return seeds;
    }

    /** An element of a byte is an object, read four times and written twice. */
    @Override
    public long capBytes(int inputBytes) {
        return 256 * 1024 + 1_024L * inputBytes;
    }
}
