package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promise 5: a plain uid connects through real sudo, and /proc says what each process may do. */
class PlainUidIT {

    @TempDir Path folder;

    @Test
    void rootIsASmallHelperWithoutNetworkAndTheDaemonHasNoRight() throws Exception {
        boolean root = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        boolean tools =
                Files.isExecutable(Path.of("/usr/bin/sudo"))
                        && Files.isExecutable(Path.of("/usr/bin/socat"));
        if (!root || !tools) {
            System.out.println("not run: the plain-uid test needs root, sudo and socat");
        }
        assumeTrue(root && tools, "needs root, sudo and socat");

        // A plain uid has to be able to read and execute the image, wherever the checkout lies.
        Path image = folder.resolve("image");
        run("cp", "-r", Laptop.tp().getParent().getParent().toString(), image.toString());
        run("chmod", "755", folder.toString());
        try (Laptop laptop = Laptop.start()) {
            String socket = folder.resolve("api.sock").toString();
            String kubeconfig = folder.resolve("kubeconfig").toString();
            laptop.run(
                    "cp $KUBECONFIG %s; setsid socat UNIX-LISTEN:%s,fork,mode=666 TCP:192.168.127.1:6443 >/dev/null 2>&1 &"
                            .formatted(kubeconfig, socket));

            String facts = plainUid(image, socket, kubeconfig);

            assertThat(facts.lines())
                    .contains(
                            "curl: <title>",
                            "daemon uid: 4242",
                            "daemon CapEff: 0000000000000000",
                            "helper uid: 0",
                            "helper network sockets: 0",
                            "helper TUN descriptors: 0",
                            "secrets seen: 0",
                            "resolv.conf: nameserver 127.0.0.1");
        }
    }

    private String plainUid(Path image, String socket, String kubeconfig) throws Exception {
        Path script = folder.resolve("plain-uid.sh");
        try (var resource = PlainUidIT.class.getResourceAsStream("plain-uid.sh")) {
            Files.copy(
                    java.util.Objects.requireNonNull(resource),
                    script,
                    StandardCopyOption.REPLACE_EXISTING);
        }
        return run(
                "unshare",
                "--net",
                "--mount",
                "sh",
                script.toString(),
                image.resolve("bin/tp").toString(),
                socket,
                kubeconfig);
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
