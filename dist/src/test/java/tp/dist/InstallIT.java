package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tp.testkit.laptop.Laptop;

/** The manager comes into a cluster and goes out of it, and nothing is left of it. */
@Needs(value = "kubectl", sandbox = "images that it has, and that nobody else uses its manager")
class InstallIT {

    private static InstallShell shell;

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

    @Test
    void anInstallIsUsedRepeatedAndRemovedWithoutATrace() throws Exception {
        Laptop.Result result =
                run(
                        """
                        objects >$T/before
                        tp install | tail -1
                        versions >$T/versions; reaches
                        tp install | tail -1
                        versions | diff $T/versions - && echo "the same versions"
                        tp uninstall | tail -1
                        objects | diff $T/before - && echo "as before"
                        tp uninstall | tail -1""");

        assertThat(result.output().lines().map(InstallShell::withoutPlace))
                .containsExactly(
                        "Installed manager 0.1.0-SNAPSHOT in context sandbox",
                        "<title>",
                        "Nothing to change, manager 0.1.0-SNAPSHOT is installed in context sandbox",
                        "the same versions",
                        "Removed 16 objects in context sandbox",
                        "as before",
                        "Nothing to remove in context sandbox");
    }

    /** For GitOps: without a cluster, and by somebody else's hands. */
    @Test
    void whatIsPrintedWorksWhenKubectlAppliesIt() throws Exception {
        Laptop.Result result =
                run(
                        """
                        objects >$T/before
                        KUBECONFIG=/nowhere tp install --print >$T/manifests.yaml || exit
                        kubectl apply -f $T/manifests.yaml >/dev/null
                        kubectl -n tp-system rollout status deploy/tp-manager --timeout=60s | tail -1
                        reaches
                        tp uninstall | tail -1
                        objects | diff $T/before - && echo "as before\"""");

        assertThat(result.output().lines().map(InstallShell::withoutPlace))
                .containsExactly(
                        "deployment \"tp-manager\" successfully rolled out",
                        "<title>",
                        "Removed 16 objects in context sandbox",
                        "as before");
    }

    @Test
    void anInstallOrARemovalThatEndedHalfWayIsGoneOnWith() throws Exception {
        Laptop.Result result =
                run(
                        """
                        objects >$T/before
                        tp install --print | sed '/^kind: RoleBinding/,$d' | sed '$d' >$T/half.yaml
                        kubectl apply -f $T/half.yaml >/dev/null
                        tp uninstall | tail -1
                        objects | diff $T/before - && echo "as before"
                        kubectl apply -f $T/half.yaml >/dev/null
                        tp install | tail -1; reaches
                        kubectl delete clusterrole tp-manager >/dev/null
                        kubectl -n tp-system delete deploy,sa --all --wait=false >/dev/null
                        tp uninstall | tail -1
                        objects | diff $T/before - && echo "as before\"""");

        assertThat(result.output().lines().map(InstallShell::withoutPlace))
                .containsExactly(
                        "Removed 6 objects in context sandbox",
                        "as before",
                        "Installed manager 0.1.0-SNAPSHOT in context sandbox",
                        "<title>",
                        "Removed 12 objects in context sandbox",
                        "as before");
    }

    @Test
    void whatOthersKeepBesideTheManagerStays() throws Exception {
        Laptop.Result result =
                run(
                        """
                        tp install >/dev/null
                        kubectl -n tp-system create serviceaccount tp-client-alice >/dev/null
                        tp uninstall 2>&1 >/dev/null
                        kubectl -n tp-system get sa,deploy,svc,cm,roles -o name
                        kubectl delete ns tp-system >/dev/null
                        kubectl create ns tp-system >/dev/null
                        tp install | grep -c Namespace; reaches
                        tp uninstall 2>&1 >/dev/null
                        kubectl get ns tp-system -o name""");

        assertThat(result.output())
                .isEqualTo(
                        """
                        tp: warning: kept Namespace tp-system, which also has serviceaccounts tp-client-alice
                        serviceaccount/default
                        serviceaccount/tp-client-alice
                        configmap/kube-root-ca.crt
                        0
                        <title>
                        tp: warning: kept Namespace tp-system, which tp has not made
                        namespace/tp-system""");
    }

    /** Somebody else's pod runs meanwhile, and is not taken for the new one. */
    @Test
    void anImageIsUsedAndAnUpgradeOfItIsWaitedFor() throws Exception {
        Laptop.Result result =
                run(
                        """
                        image() {
                            kubectl -n tp-system get pods -o go-template='{{range .items}}{{if not .metadata.deletionTimestamp}}{{(index .spec.containers 0).image}}{{"\\n"}}{{end}}{{end}}'
                        }
                        tp install >/dev/null; image
                        tp install --image docker.io/tp.dev/manager:0.1.1 | tail -1; image
                        reaches
                        tp install >$T/said 2>&1; code=$?; grep ^tp: $T/said; echo "exit $code"
                        tp install --image docker.io/tp.dev/manager:0.1.2 >/dev/null; image""");

        assertThat(result.output().lines().map(InstallShell::withoutPlace))
                .containsExactly(
                        "tp.dev/manager:0.1.0",
                        "Installed manager 0.1.0-SNAPSHOT in context sandbox",
                        "docker.io/tp.dev/manager:0.1.1",
                        "<title>",
                        "tp: the manager in this cluster is of the image docker.io/tp.dev/manager:0.1.1;"
                                + " say which image to use: 'tp install --image"
                                + " docker.io/tp.dev/manager:0.1.1', or the usual one by"
                                + " 'tp install --force'",
                        "exit 1",
                        "docker.io/tp.dev/manager:0.1.2");
    }

    private static Laptop.Result run(String script) throws InterruptedException {
        return shell.run(script);
    }
}
