package tp.sandbox.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.Meta;

/**
 * {@code kubectl exec} and {@code attach}: a websocket whose messages begin with the number of a
 * channel ({@code v4.channel.k8s.io}; {@code v5} also tells the end of the standard input).
 */
final class PodConsole {

    private static final System.Logger LOG = System.getLogger("tp.sandbox");
    private static final List<String> PROTOCOLS = List.of("v5.channel.k8s.io", "v4.channel.k8s.io");
    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int ERROR = 3;
    private static final int CLOSE = 255;
    private static final int CHUNK = 32 << 10;

    private final PodAccess access;

    PodConsole(PodAccess access) {
        this.access = access;
    }

    void exec(Exchange exchange, ObjectNode pod, String container) throws IOException {
        Request request = exchange.request();
        requireRunning(pod, container);
        String protocol = protocol(request);
        List<String> command = request.query("command");
        if (command.isEmpty()) {
            throw ApiException.badRequest(
                    "you must specify at least one command for the container");
        }
        boolean isTerminal = request.flag("tty");
        // Before the upgrade: what the client sends at once must find somebody who reads.
        Process process = access.exec(pod, container, isTerminal ? onTerminal(command) : command);
        try {
            Inbox inbox = new Inbox();
            Exchange.Sink sink = exchange.channels(protocol, inbox);
            send(sink, request.flag("stdout") ? STDOUT : ERROR, new byte[0], 0);
            if (!request.flag("stdin")) {
                close(process.getOutputStream());
            }
            Thread.startVirtualThread(() -> feed(inbox, process));
            Thread errors =
                    Thread.startVirtualThread(() -> pump(process.getErrorStream(), STDERR, sink));
            pump(process.getInputStream(), STDOUT, sink);
            errors.join();
            finish(sink, process.waitFor());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end(process);
        }
    }

    /** What the container writes from now on; nothing is read from the client. */
    void attach(Exchange exchange, ObjectNode pod, PodAccess.LogRequest wanted) throws IOException {
        Request request = exchange.request();
        requireRunning(pod, wanted.container());
        String protocol = protocol(request);
        try (InputStream log = access.logs(pod, wanted)) {
            Exchange.Sink sink = exchange.channels(protocol, new Inbox());
            send(sink, request.flag("stdout") ? STDOUT : ERROR, new byte[0], 0);
            if (pump(log, STDOUT, sink)) {
                finish(sink, 0);
            }
        }
    }

    private static String protocol(Request request) {
        if (!request.wantsWebSocket()) {
            throw ApiException.badRequest("Upgrade request required");
        }
        String offered = request.header(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        return Arrays.stream(offered.split(",", -1))
                .map(String::strip)
                .filter(PROTOCOLS::contains)
                .findFirst()
                .orElseThrow(
                        () ->
                                ApiException.badRequest(
                                        "unable to upgrade: unable to negotiate protocol: client"
                                                + " supports ["
                                                + offered
                                                + "], server accepts "
                                                + PROTOCOLS));
    }

    private static void requireRunning(ObjectNode pod, String container) {
        boolean isRunning =
                pod.at("/status/containerStatuses")
                        .valueStream()
                        .anyMatch(
                                status ->
                                        status.path("name").asString("").equals(container)
                                                && status.path("state").has("running"));
        if (!isRunning) {
            throw ApiException.plain(
                    500,
                    "InternalError",
                    "Internal error occurred: unable to upgrade connection: container not found (\"%s\")"
                            .formatted(container));
        }
    }

    /** There is no pseudo terminal in the JDK; util-linux has one. */
    private static List<String> onTerminal(List<String> command) {
        String line =
                command.stream()
                        .map(word -> "'" + word.replace("'", "'\\''") + "'")
                        .collect(Collectors.joining(" "));
        return List.of("script", "-qec", "exec " + line, "/dev/null");
    }

    /** Gives the program what the client sends, and ends the program when the client has gone. */
    private static void feed(Inbox inbox, Process process) {
        OutputStream to = process.getOutputStream();
        try {
            for (var next = inbox.take(); next.isPresent(); next = inbox.take()) {
                byte[] message = next.get();
                int channel = message.length == 0 ? ERROR : message[0] & 0xff;
                if (channel == STDIN) {
                    write(to, message);
                } else if (channel == CLOSE && message.length > 1 && message[1] == STDIN) {
                    close(to);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        end(process);
    }

    /** A program that reads no more may go on writing, so what it does not take is dropped. */
    private static void write(OutputStream to, byte[] message) {
        try {
            to.write(message, 1, message.length - 1);
            to.flush();
        } catch (IOException e) {
            close(to);
        }
    }

    private static void close(OutputStream to) {
        try {
            to.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.TRACE, "a program has ended before its input", e);
        }
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** {@return whether it came to the end} */
    private static boolean pump(InputStream from, int channel, Exchange.Sink sink) {
        byte[] buffer = new byte[CHUNK];
        try {
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                send(sink, channel, buffer, count);
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void send(Exchange.Sink sink, int channel, byte[] bytes, int count)
            throws IOException {
        byte[] message = new byte[count + 1];
        message[0] = (byte) channel;
        System.arraycopy(bytes, 0, message, 1, count);
        sink.send(message);
    }

    private static void finish(Exchange.Sink sink, int exit) throws IOException {
        ObjectNode status = Meta.newObject();
        status.putObject("metadata");
        if (exit == 0) {
            status.put("status", "Success");
        } else {
            status.put("status", "Failure")
                    .put(
                            "message",
                            "command terminated with non-zero exit code: exit status " + exit)
                    .put("reason", "NonZeroExitCode");
            status.putObject("details")
                    .putArray("causes")
                    .addObject()
                    .put("reason", "ExitCode")
                    .put("message", Integer.toString(exit));
        }
        byte[] text = status.toString().getBytes(UTF_8);
        send(sink, ERROR, text, text.length);
        sink.end();
    }

    /** {@return the names of a pod's containers} */
    static List<String> containers(ObjectNode pod) {
        List<String> names = new ArrayList<>();
        pod.at("/spec/containers").forEach(one -> names.add(one.path("name").asString("")));
        return names;
    }
}
