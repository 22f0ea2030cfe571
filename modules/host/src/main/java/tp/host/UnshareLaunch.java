package tp.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tp.os.UnixSocket;
import tp.spi.common.TpException;

/**
 * The rights of whoever makes namespaces, over these alone: by unshare of util-linux, since a
 * process with several threads, as Java's are, cannot leave its user namespace (unshare(2)).
 */
final class UnshareLaunch implements Launch {

    /** For whoever typed `tp shell` as well as `tp connect --rootless`. */
    private static final String OR = ", or use `tp connect` for the whole machine";

    private static final Path SYSCTL = Path.of("/proc/sys");

    @Override
    public Class<?> program() {
        return NamespaceMain.class;
    }

    @Override
    public List<String> command(List<String> helper) {
        if (!Programs.isInPath("unshare")) {
            throw TpException.environment(
                    "there is no unshare here, which makes the namespaces of a session without root",
                    "install util-linux" + OR);
        }
        List<String> whole =
                new ArrayList<>(
                        List.of(
                                "unshare",
                                "--user",
                                "--map-current-user",
                                "--keep-caps",
                                "--net",
                                "--mount",
                                "--"));
        whole.addAll(helper);
        return whole;
    }

    @Override
    public List<String> inherited() {
        return List.of("PATH");
    }

    @Override
    public boolean mayAsk() {
        return false;
    }

    /** unshare becomes the helper, so that the number stays. */
    @Override
    public boolean isHelper(UnixSocket.Peer peer, Process started) {
        return peer.pid() == started.pid();
    }

    @Override
    public TpException failure(String said) {
        return failure(said, SYSCTL);
    }

    /**
     * {@return what keeps this user from namespaces, and how that is changed}
     *
     * @param sysctl the kernel's settings
     */
    static TpException failure(String said, Path sysctl) {
        if (said.contains("unrecognized option") || said.contains("invalid option")) {
            return TpException.environment(
                    "the unshare of this host is too old: " + said,
                    "install util-linux 2.35 or later" + OR);
        }
        return because(sysctl, "kernel/unprivileged_userns_clone", "0", "1")
                .or(() -> because(sysctl, "user/max_user_namespaces", "0", "16384"))
                .or(() -> because(sysctl, "kernel/apparmor_restrict_unprivileged_userns", "1", "0"))
                .orElseGet(
                        () ->
                                TpException.environment(
                                        "this host lets you make no namespaces: " + said,
                                        "see whether `unshare --user --net true` works" + OR));
    }

    private static Optional<TpException> because(
            Path sysctl, String setting, String closed, String open) {
        try {
            if (!Files.readString(sysctl.resolve(setting)).strip().equals(closed)) {
                return Optional.empty();
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        String name = setting.replace('/', '.');
        return Optional.of(
                TpException.environment(
                        "this host lets no user make namespaces: %s is %s".formatted(name, closed),
                        "allow it with `sudo sysctl %s=%s`".formatted(name, open) + OR));
    }
}
