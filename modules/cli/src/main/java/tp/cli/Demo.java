package tp.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tp.control.StatusReport;

/** The story of `tp demo`, told on the laptop's side; every step is checked, none is assumed. */
final class Demo {

    private static final String SERVICE = "verylargejavaservice.default";
    private static final String URL = "http://" + SERVICE + ":8080";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int DATAGRAM_BYTES = 1_200;

    /** Returns what was seen, in a few words; throws where it was not as it should be. */
    private interface Check {
        String run() throws IOException, InterruptedException;
    }

    private final Path tp;
    private final Daemon daemon;
    private final PrintStream out;
    private int number;
    private boolean good = true;

    Demo(Path tp, Daemon daemon, PrintStream out) {
        this.tp = tp;
        this.daemon = daemon;
        this.out = out;
        // The laptop's resolver changes while this process runs.
        java.security.Security.setProperty("networkaddress.cache.ttl", "0");
        java.security.Security.setProperty("networkaddress.cache.negative.ttl", "0");
    }

    /** {@return whether every step happened} */
    boolean tell(long clusterMs) throws InterruptedException {
        long began = System.nanoTime();
        line("A cluster starts, with pods, services and a laptop beside it", clusterMs);
        HostPicture before = HostPicture.take();
        step("Before tp, the laptop does not know " + SERVICE, this::nameIsUnknown);
        step("tp connect", () -> tp("connect"));
        if (good) {
            step("GET " + URL, this::page);
            step("tp status", this::status);
            step("A UDP datagram comes back from udp-echo.default:7", Demo::datagram);
            step("A port that nobody listens on refuses, as it does in the cluster", Demo::refusal);
        }
        step("tp quit", () -> tp("quit"));
        step("After tp, the laptop does not know " + SERVICE, this::nameIsUnknown);
        step("Devices, addresses, routes and resolver are as before", before::compare);
        double seconds = (System.nanoTime() - began) / 1e9 + clusterMs / 1e3;
        out.printf(
                Locale.ROOT,
                good ? "%nAll of it happened, in %.1f s.%n" : "%nNot all of it worked (%.1f s).%n",
                seconds);
        return good;
    }

    private void step(String name, Check check) throws InterruptedException {
        long began = System.nanoTime();
        String seen;
        try {
            seen = check.run();
        } catch (IOException e) {
            good = false;
            seen = "FAILED: " + e.getMessage();
        }
        line(name, (System.nanoTime() - began) / 1_000_000);
        seen.lines().forEach(text -> out.println("       " + text));
    }

    private void line(String name, long ms) {
        out.printf(Locale.ROOT, "%3d. %-68s %6.2f s%n", ++number, name, ms / 1e3);
    }

    private String nameIsUnknown() throws IOException {
        try {
            throw new IOException("it is known: " + address(SERVICE).getHostAddress());
        } catch (UnknownHostException e) {
            return "";
        }
    }

    private static InetAddress address(String name) throws UnknownHostException {
        return InetAddress.getAllByName(name)[0];
    }

    private String tp(String command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(tp.toString(), command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        StringBuilder said = new StringBuilder();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(text -> said.append(text).append('\n'));
        }
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException("exit code " + code + ": " + said);
        }
        return said.toString();
    }

    private String page() throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
            HttpResponse<String> answer =
                    client.send(
                            HttpRequest.newBuilder(URI.create(URL)).timeout(PATIENCE).build(),
                            HttpResponse.BodyHandlers.ofString());
            Matcher title = Pattern.compile("<title>(.*?)</title>").matcher(answer.body());
            if (answer.statusCode() != 200 || !title.find()) {
                throw new IOException("status " + answer.statusCode() + ": " + answer.body());
            }
            return "200, \"" + title.group(1) + "\", " + answer.body().length() + " bytes";
        }
    }

    private String status() throws IOException {
        StatusReport report = StatusCommand.report(daemon);
        if (report.state() != StatusReport.SessionState.CONNECTED
                || !report.rootDaemon().running()
                || report.routes().subnets().isEmpty()) {
            throw new IOException(StatusText.render(report, Look.PLAIN));
        }
        return StatusText.words(report.state())
                + " over "
                + report.link().transport()
                + ", subnets "
                + String.join(", ", report.routes().subnets());
    }

    private static String datagram() throws IOException {
        byte[] sent = new byte[DATAGRAM_BYTES];
        new Random(1).nextBytes(sent);
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.connect(new InetSocketAddress(address("udp-echo.default"), 7));
            socket.send(new DatagramPacket(sent, sent.length));
            DatagramPacket received =
                    new DatagramPacket(new byte[2 * sent.length], 2 * sent.length);
            socket.receive(received);
            if (!Arrays.equals(sent, 0, sent.length, received.getData(), 0, received.getLength())) {
                throw new IOException("other bytes came back");
            }
            return received.getLength() + " bytes, the same";
        }
    }

    private static String refusal() throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(address("tcp-echo.default"), 9),
                    (int) PATIENCE.toMillis());
            throw new IOException("it was accepted");
        } catch (ConnectException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
