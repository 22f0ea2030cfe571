package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tp.testkit.laptop.Laptop;

/** Promise 5: a plain uid connects through real sudo, and /proc says what each process may do. */
class PlainUidIT {

    @TempDir Path folder;

    @Test
    @Needs(
            value = {"sudo", "socat"},
            root = true,
            sandbox = "the address of its API server")
    void rootIsASmallHelperWithoutNetworkAndTheDaemonHasNoRight() throws Exception {
        Path image = imageForAll();
        try (Laptop laptop = Laptop.start()) {
            String socket = folder.resolve("api.sock").toString();
            String kubeconfig = folder.resolve("kubeconfig").toString();
            laptop.run(
                    "cp $KUBECONFIG %s; setsid socat UNIX-LISTEN:%s,fork,mode=666 TCP:192.168.127.1:6443 >/dev/null 2>&1 &"
                            .formatted(kubeconfig, socket));

            String facts = plainUid(image, socket, kubeconfig);

            assertThat(facts)
                    .contains(
                            "sudo refuses: exit 1, 1 line, tp: sudo did not start tp's helper: sudo: a"
                                    + " password is required; check that `sudo -v` works");
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

    /** A device node as udev makes it, open to all, in a mount namespace of the test's own. */
    @Test
    @Needs(root = true)
    void theDemoNeedsNoRightAtAll() throws Exception {
        assertThat(demo("666")).contains("All of it happened", "exit 0");
    }

    @Test
    @Needs(root = true)
    void whereTheDeviceNodeIsClosedOneLineSaysSo() throws Exception {
        String story = demo("600");

        assertThat(story).contains("exit 1");
        assertThat(story.lines().filter(line -> line.contains("tp: ")))
                .singleElement()
                .asString()
                .contains("/dev/net/tun", "chmod 666 /dev/net/tun");
    }

    /** A demo by an account without rights, where the device node has that mode. */
    private String demo(String mode) throws Exception {
        Path image = imageForAll();
        return run(
                "unshare",
                "--mount",
                "sh",
                "-ec",
                """
                        mknod -m $3 $1/tun c 10 200
                        mount --bind $1/tun /dev/net/tun
                        mkdir -m 700 $1/home
                        chown 4242:4242 $1/home
                        code=0
                        setpriv --reuid 4242 --regid 4242 --clear-groups --no-new-privs \\
                            env -i HOME=$1/home PATH=/usr/bin:/bin:/usr/sbin:/sbin $2 demo || code=$?
                        echo "exit $code"
                        """,
                "sh",
                folder.toString(),
                image.resolve("bin/tp").toString(),
                mode);
    }

    /** {@return a copy of the image that a plain uid may run, wherever the checkout lies} */
    private Path imageForAll() throws Exception {
        Path image = folder.resolve("image");
        run("cp", "-r", Laptop.tp().getParent().getParent().toString(), image.toString());
        run("chmod", "755", folder.toString());
        return image;
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
