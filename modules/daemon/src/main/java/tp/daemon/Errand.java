package tp.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tp.control.Build;
import tp.control.ConnectSettings;
import tp.control.Frames;
import tp.control.Reply;
import tp.control.Task;
import tp.kube.InstallSettings;
import tp.kube.Installed;
import tp.kube.KubeCluster;
import tp.kube.KubeSettings;
import tp.kube.Level;
import tp.kube.ManagerRoles;
import tp.kube.Removed;

/** What this program does once, without a session, for whoever started it. */
final class Errand {

    /** Well below what a message may have. */
    private static final int PART_CHARACTERS = 60_000;

    private final OutputStream pipe;
    private final ManagerCode code;

    private Errand(OutputStream pipe, ManagerCode code) {
        this.pipe = pipe;
        this.code = code;
    }

    /** Reads one task, tells of its progress, and ends with its reply. */
    static void run(InputStream in, OutputStream out, ManagerCode code) throws IOException {
        Errand errand = new Errand(out, code);
        Reply last;
        try {
            last = errand.done(Frames.read(in, Task.class));
        } catch (UncheckedIOException e) {
            throw e; // whoever asked has gone
        } catch (RuntimeException | Error e) {
            last = Requests.failure(e);
        }
        Frames.write(last, out);
    }

    private Reply done(Task task) {
        return switch (task) {
            case Task.Install install -> {
                var settings =
                        new InstallSettings(
                                code.delivery(install.images()),
                                install.images().areNamed(),
                                install.force(),
                                Build.version(),
                                Level.named(install.namespaces()));
                yield on(install.cluster(), cluster -> installed(cluster, settings));
            }
            case Task.Uninstall uninstall -> {
                Optional<Level> level = Level.named(uninstall.namespaces());
                yield on(uninstall.cluster(), cluster -> uninstalled(cluster, level));
            }
            case Task.PrintManifests print ->
                    text(code.delivery(print.images()).yaml(printed(print.namespaces())));
            case Task.PrintRights print -> new Reply.Text(rights(print));
        };
    }

    private static String rights(Task.PrintRights print) {
        Level level = printed(print.namespaces());
        return switch (print.grantee()) {
            case USER -> ManagerRoles.ofUser(print.transport(), level);
            case INSTALLER -> ManagerRoles.ofInstaller(level);
            case MANAGER -> ManagerRoles.ofManager(level);
            case AGENTLESS -> ManagerRoles.ofAgentless(print.namespaces());
        };
    }

    private static Level printed(List<String> namespaces) {
        return Level.named(namespaces).orElse(Level.WHOLE_CLUSTER);
    }

    private Reply on(Task.Cluster which, Function<KubeCluster, Reply> work) {
        progress("Reaching the cluster ...");
        KubeSettings settings =
                SessionStarter.kube(
                        which.kubeconfig(), which.context(), ConnectSettings.Account.USUAL);
        try (KubeCluster cluster = KubeCluster.open(settings)) {
            return work.apply(cluster);
        }
    }

    private Reply installed(KubeCluster cluster, InstallSettings settings) {
        Installed done = cluster.installManager(settings, this::progress);
        return new Reply.Installed(
                cluster.context(),
                cluster.server(),
                done.version(),
                done.changed(),
                switch (done.level()) {
                    case Level.WholeCluster ignored -> List.of();
                    case Level.Namespaces some -> some.names();
                });
    }

    private Reply uninstalled(KubeCluster cluster, Optional<Level> level) {
        Removed done = cluster.uninstallManager(level, this::progress);
        return new Reply.Uninstalled(
                cluster.context(), cluster.server(), done.objects(), done.kept());
    }

    private Reply text(String text) {
        int start = 0;
        for (; text.length() - start > PART_CHARACTERS; start += PART_CHARACTERS) {
            write(new Reply.Part(text.substring(start, start + PART_CHARACTERS)));
        }
        return new Reply.Text(text.substring(start));
    }

    private void progress(String line) {
        write(Reply.Progress.step(line));
    }

    /** Where nobody reads any more nobody wants the rest either. */
    private void write(Reply reply) {
        try {
            Frames.write(reply, pipe);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
