package tp.cli;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tp.control.Reply;
import tp.control.Task;
import tp.spi.common.TpException;

@Command(
        name = "install",
        description = "Brings the manager into a cluster, or up to date there.",
        footer = {
            "",
            "Returns when the manager takes connections, or with why it does not start.",
            "--print and --print-rbac need no cluster and change nothing."
        })
final class InstallCommand implements Callable<Integer> {

    /** Whose rights can be printed, as their names are typed. */
    enum Grantee {
        user,
        installer,
        manager,
        agentless
    }

    @Mixin private ClusterOptions cluster = new ClusterOptions();

    @Option(
            names = "--image",
            paramLabel = "IMAGE",
            description =
                    "An image of the manager, where the cluster can pull it. Without it, and without"
                            + " $TP_MANAGER_IMAGE, its code comes in ConfigMaps.")
    private @Nullable String image;

    @Option(
            names = "--runtime-image",
            paramLabel = "IMAGE",
            description =
                    "The image of Java 25 on which that code then runs, where a mirror has it.")
    private @Nullable String runtimeImage;

    @Option(
            names = "--namespaces",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Cover these alone, from the first of them, with Roles only; else the whole"
                            + " cluster where you may, or else the namespace of the context.")
    private List<String> namespaces = List.of();

    @Option(
            names = "--force",
            description =
                    "Overwrite what somebody else has set, another image, or a newer version.")
    private boolean force;

    @Option(
            names = "--print",
            description = "Print the manifests as YAML instead, for `kubectl apply` and GitOps.")
    private boolean print;

    @Option(
            names = "--print-rbac",
            description = "Print as YAML which rights a user needs instead.")
    private boolean printRights;

    @Option(
            names = "--for",
            paramLabel = "WHO",
            description = "With --print-rbac, whose rights: ${COMPLETION-CANDIDATES}.")
    private @Nullable Grantee grantee;

    @Option(
            names = "--transport",
            paramLabel = "ID",
            description = "With --print-rbac, the one transport that is to be used; else any.")
    private @Nullable String transport;

    private final Daemon daemon;
    private final Terminal terminal;

    InstallCommand(Daemon daemon, Terminal terminal) {
        this.daemon = daemon;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        check();
        if (print) {
            print(new Task.PrintManifests(images(), covered()));
        } else if (printRights) {
            String name = (grantee == null ? Grantee.user : grantee).name();
            print(
                    new Task.PrintRights(
                            Task.Grantee.valueOf(name.toUpperCase(Locale.ROOT)),
                            Optional.ofNullable(transport),
                            covered()));
        } else {
            install();
        }
        return Main.done();
    }

    private void check() {
        if (image != null && runtimeImage != null) {
            throw TpException.usage(
                    "an image of the manager has Java in it",
                    "give --image or --runtime-image, not both");
        } else if (print && printRights) {
            throw TpException.usage(
                    "--print and --print-rbac print different things", "give one of them");
        } else if ((grantee != null || transport != null) && !printRights) {
            throw TpException.usage(
                    "--for and --transport say which rights are printed",
                    "give --print-rbac too, or neither");
        } else if (transport != null && grantee != null && grantee != Grantee.user) {
            throw TpException.usage(
                    "only a user's rights depend on the transport", "leave out --transport");
        }
    }

    private List<String> covered() {
        return namespaces.stream().map(String::strip).toList();
    }

    private void print(Task task) {
        daemon.print(task, terminal.out()::print);
    }

    private Task.Images images() {
        return new Task.Images(Optional.ofNullable(image), Optional.ofNullable(runtimeImage));
    }

    private void install() {
        Task task = new Task.Install(cluster.chosen(daemon), images(), force, covered());
        Reply.Installed done;
        try (Progress progress = Progress.on(terminal.out(), terminal.outLook())) {
            done = (Reply.Installed) daemon.errand(task, progress::show);
        }
        String words =
                done.changed() == 0
                        ? "Nothing to change, manager " + done.version() + " is installed"
                        : "Installed manager " + done.version();
        String where =
                done.namespaces().isEmpty()
                        ? ""
                        : " for " + String.join(", ", done.namespaces()) + " alone";
        terminal.out()
                .printf(
                        "%s%s in context %s (%s)%n",
                        terminal.outLook().paint(Look.Colour.GOOD, words),
                        where,
                        done.context(),
                        done.server());
    }
}
