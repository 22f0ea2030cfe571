package tp.dist;

import java.io.IOException;
import java.time.Duration;
import tp.testkit.laptop.Laptop;

/** A laptop beside a cluster into which the manager comes, and out of which it goes. */
final class InstallShell implements AutoCloseable {

    /** Functions of the scripts. */
    private static final String SHELL =
            """
            # All that an install could leave, with versions where asked for; pods and what follows them come and go.
            objects() {
                kubectl get ns,clusterroles,clusterrolebindings -o name
                kubectl get sa,roles,rolebindings,cm,secrets,svc,deploy,networkpolicies -A --no-headers \\
                    -o custom-columns=K:.kind,S:.metadata.namespace,N:.metadata.name
            }
            versions() {
                kubectl get ns,clusterroles,clusterrolebindings --no-headers \\
                    -o custom-columns=K:.kind,N:.metadata.name,V:.metadata.resourceVersion
                kubectl -n tp-system get sa,roles,rolebindings,cm,secrets,svc,deploy,networkpolicies --no-headers \\
                    -o custom-columns=K:.kind,N:.metadata.name,V:.metadata.resourceVersion
            }
            reaches() { tp connect "$@" -- curl -s verylargejavaservice.default:8080 2>&1 | grep -o '<title>'; }
            # The record of who asked the API server for what: marked now, and of an account since then.
            mark() { wc -l </run/tp-sandbox/audit.log >$T/mark; }
            asked() { tail -n +$(( $(cat $T/mark) + 1 )) /run/tp-sandbox/audit.log | grep '"username":"system:serviceaccount:'$1'"'; }
            """;

    private final Laptop laptop = Laptop.start();

    InstallShell() throws IOException, InterruptedException {}

    Laptop.Result run(String script) throws InterruptedException {
        return laptop.run(Duration.ofMinutes(3), Accounts.SHELL + SHELL + script);
    }

    /** Whatever a test has left. */
    void remove() throws InterruptedException {
        run("tp quit; tp uninstall; kubectl delete ns tp-system --ignore-not-found");
    }

    static String withoutPlace(String line) {
        return line.replaceFirst(" \\(https:.*\\)$", "");
    }

    @Override
    public void close() {
        laptop.close();
    }
}
