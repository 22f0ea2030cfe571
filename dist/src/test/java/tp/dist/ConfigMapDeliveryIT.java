package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.testkit.laptop.Laptop;

/** The manager comes without an image of ours: its jars in ConfigMaps, on a plain Java runtime. */
@Tag("wide")
@Needs("kubectl")
class ConfigMapDeliveryIT {

    /** The sandbox's laptop names an image otherwise. */
    private static final String SHELL =
            """
            TP_MANAGER_IMAGE=; export TP_MANAGER_IMAGE
            kube() { kubectl -n tp-system "$@"; }
            code() { kube get cm -l app.kubernetes.io/component=code --no-headers -o custom-columns=N:.metadata.name; }
            pods() { kube get pods -o go-template='{{range .items}}{{if not .metadata.deletionTimestamp}}{{.metadata.name}}{{"\\n"}}{{end}}{{end}}'; }
            # usage: holder PIECE; the ConfigMap that has it
            holder() { for map in $(code); do kube get cm $map -o yaml | grep -q "^  $1: " && echo $map; done; }
            # usage: recreate CONFIGMAP SED-SCRIPT; under its name, with another content
            recreate() {
                kube get cm $1 -o yaml | sed -E "/^  (uid|resourceVersion|creationTimestamp):/d; $2" >$T/map.yaml
                kube delete cm $1 >/dev/null
                kubectl create -f $T/map.yaml >/dev/null
            }
            """;

    private static InstallShell shell;

    @TempDir Path folder;

    @BeforeAll
    static void start() throws Exception {
        shell = new InstallShell();
    }

    @AfterAll
    static void stop() {
        shell.close();
    }

    @AfterEach
    void remove() throws Exception {
        shell.remove();
    }

    /** The namespace enforces the restricted Pod Security level: there would be no pod. */
    @Test
    void anInstallNeedsNoImageOfOursAndLeavesNoTrace() throws Exception {
        Laptop.Result result =
                run(
                        """
                        objects >$T/before
                        tp install | tail -1
                        versions >$T/versions; reaches
                        kube get ns tp-system -o jsonpath='{.metadata.labels.pod-security\\.kubernetes\\.io/enforce}{"\\n"}'
                        kube get pods -o jsonpath='{.items[*].spec.containers[*].image}{"\\n"}'
                        kube exec deploy/tp-manager -c manager -- java --list-modules | grep -c ^tp
                        tp install | tail -1
                        versions | diff $T/versions - && echo "the same versions"
                        tp uninstall | tail -1 | sed 's/[0-9]* objects/all/'
                        objects | diff $T/before - && echo "as before\"""");

        assertThat(lines(result))
                .containsExactly(
                        "Installed manager 0.1.0-SNAPSHOT in context sandbox",
                        "<title>",
                        "restricted",
                        "docker.io/library/eclipse-temurin:25.0.4_7-jre-noble",
                        "0",
                        "Nothing to change, manager 0.1.0-SNAPSHOT is installed in context sandbox",
                        "the same versions",
                        "Removed all in context sandbox",
                        "as before");
    }

    /** {@code tp connect} installs where the manager is missing, in the same way. */
    @Test
    void aPodThatIsDeletedComesBackAndTheClientGoesOn() throws Exception {
        Laptop.Result result =
                run(
                        """
                        tp connect >/dev/null 2>&1; code | wc -l
                        daemon() { tp status --output json | grep -o '"pid": *[0-9]*'; }
                        before=$(daemon)
                        old=$(pods); kube delete pod $old >/dev/null
                        until new=$(pods) && [ "$new" != "$old" ] && curl -sm 2 verylargejavaservice.default:8080 | grep -o '<title>'; do sleep 0.2; done
                        [ -n "$before" ] && [ "$before" = "$(daemon)" ] && echo "the same daemon"
                        tp quit >/dev/null""");

        assertThat(lines(result)).containsExactly("12", "<title>", "the same daemon");
    }

    /** What is changed how else: JarDeliveryTest, which runs the same script. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a byte | recreate $(holder tp.manager.jar.0) 's/^(  tp.manager.jar.0: .{800})..../\\1AAAA/'"
                        + " | tp.manager.jar has another SHA-256",
                "no ConfigMap | kube delete cm $(holder tp.manager.jar.0) >/dev/null"
                        + " | the piece tp.incluster.jar.0 is missing",
                "another order | kube get deploy tp-manager -o yaml >$T/deploy.yaml; kube delete deploy tp-manager >/dev/null;"
                        + " sed -E '/^  uid:/d; /^  resourceVersion:/d; s/(quic.jar).0 (.*quic.jar).1/\\1.1 \\2.0/' $T/deploy.yaml >$T/other.yaml;"
                        + " kubectl create -f $T/other.yaml >/dev/null"
                        + " | io.netty.codec.classes.quic.jar has another SHA-256",
            })
    void codeThatIsNotWhatWasInstalledIsNotStarted(String name, String change, String told)
            throws Exception {
        Laptop.Result result =
                run(
                        """
                        tp install >/dev/null
                        CHANGE
                        kube delete pod --all >/dev/null
                        tp connect 2>&1 | grep ^tp:
                        kube describe pods | grep "Message:.*the manager's code" | sort -u"""
                                .replace("CHANGE", change));

        List<String> lines = lines(result);
        String because = "the manager's code is not what was installed: " + told;
        assertThat(lines.getFirst())
                .contains(": CrashLoopBackOff, ", ", it ended with exit code 1, " + because)
                .endsWith("; remove it all by 'tp uninstall', then run 'tp install'");
        assertThat(lines).hasSize(2);
        assertThat(lines.getLast()).contains(because);
    }

    /** Where it is seen before the pod is, and where it is not. */
    @Test
    void anInstallOverCodeThatIsNotWhatWasInstalledSaysSo() throws Exception {
        Laptop.Result result =
                run(
                        """
                        tp install >/dev/null; map=$(holder tp.manager.jar.0)
                        recreate $map 's/^(  tp.manager.jar.0: .{800})..../\\1AAAA/'
                        kube delete pod --all >/dev/null
                        tp install 2>&1 | grep ^tp: | sed "s/$map/MAP/"
                        tp uninstall >/dev/null
                        tp install | tail -1; reaches""");

        assertThat(lines(result))
                .containsExactly(
                        "tp: the ConfigMap MAP in tp-system does not hold the jars that its name stands"
                                + " for; remove it all by 'tp uninstall', then run 'tp install'",
                        "Installed manager 0.1.0-SNAPSHOT in context sandbox",
                        "<title>");
    }

    @Needs(sandbox = "an image of the manager")
    @Test
    void anUpgradeBringsWhatIsNewAndRemovesWhatIsOld() throws Exception {
        Laptop.Result result =
                run(
                        """
                        tp install >/dev/null; code | sort >$T/old
                        NEW/bin/tp install | sed 's/code-.*/code/' | grep -E 'ConfigMap|Installed'
                        code | sort >$T/new; reaches
                        comm -3 $T/old $T/new | wc -l; comm -12 $T/old $T/new | wc -l
                        tp install --image tp.dev/manager:0.1.0 >/dev/null; code | wc -l; reaches"""
                                .replace("NEW", newer().toString()));

        assertThat(lines(result))
                .containsExactly(
                        "applied ConfigMap tp-manager-code",
                        "removed ConfigMap tp-manager-code",
                        "Installed manager 0.1.0-SNAPSHOT in context sandbox",
                        "<title>",
                        "2",
                        "11",
                        "0",
                        "<title>");
    }

    /** {@return an image of which the manager is another one, and nothing else} */
    private Path newer() throws IOException {
        Path image = Laptop.tp().getParent().getParent();
        Path newer = Files.createDirectory(folder.resolve("newer"));
        Path bin = Files.createDirectory(newer.resolve("bin"));
        Files.copy(image.resolve("bin/tp"), bin.resolve("tp"));
        Files.createSymbolicLink(bin.resolve("java"), image.resolve("bin/java"));
        Files.createSymbolicLink(newer.resolve("lib"), image.resolve("lib"));
        Path manager = Files.createDirectory(newer.resolve("manager"));
        try (Stream<Path> jars = Files.list(image.resolve("manager"))) {
            for (Path jar : jars.toList()) {
                Files.copy(jar, manager.resolve(jar.getFileName()));
            }
        }
        try (FileSystem jar = FileSystems.newFileSystem(manager.resolve("tp.manager.jar"))) {
            Files.writeString(jar.getPath("new"), "of the next version");
        }
        return newer;
    }

    @Test
    void whatIsPrintedWorksWhenKubectlAppliesItAndAHalfOfItIsGoneOnWith() throws Exception {
        Laptop.Result result =
                run(
                        """
                        objects >$T/before
                        KUBECONFIG=/nowhere tp install --print >$T/manifests.yaml || exit
                        sed -n '1p' $T/manifests.yaml
                        kubectl apply --server-side -f $T/manifests.yaml >/dev/null
                        kube rollout status deploy/tp-manager --timeout=60s | tail -1
                        reaches
                        tp uninstall >/dev/null
                        objects | diff $T/before - && echo "as before"
                        awk 'BEGIN{RS="\\n---\\n"} /immutable: true/{n++} n<=5{print $0 "\\n---"}' $T/manifests.yaml >$T/half.yaml
                        kubectl apply --server-side -f $T/half.yaml | grep -c configmap
                        tp install | tail -1; reaches""");

        assertThat(lines(result))
                .containsExactly(
                        "# Apply this by 'kubectl apply --server-side -f FILE'. A client-side apply would copy each"
                                + " ConfigMap into an annotation, for which they are too large.",
                        "deployment \"tp-manager\" successfully rolled out",
                        "<title>",
                        "as before",
                        "5",
                        "Installed manager 0.1.0-SNAPSHOT in context sandbox",
                        "<title>");
    }

    @Test
    void anImageOfJavaThatCannotBePulledIsNamed() throws Exception {
        Laptop.Result result =
                run("tp install --runtime-image registry.example/jre:25 2>&1 | tail -1");

        assertThat(result.output())
                .startsWith("tp: the manager cannot start: ")
                .contains("registry.example/jre:25", "--runtime-image");
    }

    /** By somebody who has the printed roles and nothing else. */
    @Needs(sandbox = "its record of requests")
    @Test
    void whoHasTheInstallersRolesDoesItAllAndUsesEachOfHisRightsOnConfigMaps() throws Exception {
        Laptop.Result result =
                run(
                        """
                        account carrier
                        tp install --print-rbac --for installer | kubectl apply -f - >/dev/null
                        kubectl create clusterrolebinding tp-installer --clusterrole=tp-installer --serviceaccount=default:carrier >/dev/null
                        kube create rolebinding tp-installer --role=tp-installer --serviceaccount=default:carrier >/dev/null
                        tp install --kubeconfig $T/carrier | tail -1
                        reaches
                        tp uninstall --kubeconfig $T/carrier 2>&1 | tail -1 | sed 's/[0-9]* objects/all/'
                        code | wc -l
                        kubectl delete clusterrolebinding/tp-installer clusterrole/tp-installer >/dev/null
                        grep '"username":"system:serviceaccount:default:carrier"' /run/tp-sandbox/audit.log""");

        List<String> lines = lines(result);
        assertThat(lines)
                .startsWith(
                        "Installed manager 0.1.0-SNAPSHOT in context sandbox",
                        "<title>",
                        "Removed all in context sandbox",
                        "0");
        List<String> events = lines.stream().filter(line -> line.contains("objectRef")).toList();
        assertThat(events).noneMatch(line -> line.contains("\"forbid\""));
        Set<String> verbs =
                events.stream()
                        .filter(line -> line.contains("\"resource\":\"configmaps\""))
                        .map(line -> line.replaceFirst(".*\"verb\":\"(\\w+)\".*", "$1"))
                        .collect(Collectors.toCollection(TreeSet::new));
        System.out.println("on configmaps: " + verbs);
        // An apply is a patch, for which an object that is new takes the right to create, too.
        assertThat(verbs).containsExactly("delete", "get", "list", "patch");
    }

    private static List<String> lines(Laptop.Result result) {
        return result.output().lines().map(InstallShell::withoutPlace).toList();
    }

    private static Laptop.Result run(String script) throws InterruptedException {
        return shell.run(SHELL + script);
    }
}
