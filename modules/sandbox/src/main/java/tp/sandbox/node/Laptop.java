package tp.sandbox.node;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import tp.spi.common.TpException;

/**
 * The laptop beside the cluster: a network, mount and host name namespace of its own, held by one
 * idle process. It reaches the API server and its resolver at 192.168.127.1 and nothing else.
 */
final class Laptop {

    private Laptop() {}

    /** Makes the laptop; returns when it can be entered. */
    static void start() {
        try {
            Path state = Places.LAPTOP_STATE;
            Files.createDirectories(state.resolve("state"));
            Files.createDirectories(state.resolve("kube-cache"));
            Files.createDirectory(
                    state.resolve("run"),
                    PosixFilePermissions.asFileAttribute(
                            Set.copyOf(PosixFilePermissions.fromString("rwx------"))));
            Files.writeString(
                    state.resolve("resolv.conf"),
                    "nameserver " + NodeNetwork.LAPTOP_SIDE_ADDRESS + "\n");
            Process holder =
                    new ProcessBuilder(
                                    List.of(
                                            "nsenter",
                                            "--net=/run/netns/laptop",
                                            "unshare",
                                            "--mount",
                                            "--uts",
                                            "sh",
                                            Commands.scriptPath("laptop.sh").toString(),
                                            state.toString()))
                            .redirectErrorStream(true)
                            .start();
            awaitReady(holder);
            // The tools replace themselves by the next one, so this is the pid of the last.
            Files.writeString(Places.LAPTOP_PID, Long.toString(holder.pid()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the laptop", e);
        }
    }

    private static void awaitReady(Process holder) throws IOException {
        BufferedReader told =
                new BufferedReader(
                        new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8));
        String line = told.readLine();
        if (!"ready".equals(line)) {
            throw TpException.environment("cannot make the laptop: " + line, "");
        }
    }
}
