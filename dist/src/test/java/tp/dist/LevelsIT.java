package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.testkit.laptop.Laptop;

/**
 * What a user gets with the rights that he has in the namespace {@code default}, and what he is
 * told.
 */
@Tag("wide")
@Needs("kubectl")
class LevelsIT {

    private static InstallShell shell;

    @BeforeAll
    static void start() throws Exception {
        shell = new InstallShell();
        Laptop.Result made =
                shell.run(
                        """
                        set -e
                        level() {
                            account $1
                            kubectl -n default create rolebinding $1 $2 --serviceaccount=default:$1
                        }
                        tp install --print-rbac --for agentless | kubectl apply -f -
                        account everything
                        kubectl create clusterrolebinding everything --clusterrole=cluster-admin --serviceaccount=default:everything
                        level admin --clusterrole=admin
                        level edit --clusterrole=edit
                        level forward --role=tp-agentless
                        level view --clusterrole=view
                        account nothing""");
        assertThat(made.exit()).as(made.output()).isZero();
    }

    @AfterAll
    static void stop() {
        shell.close();
    }

    @AfterEach
    void remove() throws Exception {
        shell.remove();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiterString = "::",
            textBlock =
                    """
                    everything :: install :: Installed manager
                    everything :: connect :: <title>
                    everything :: connect --agentless :: <title>
                    admin :: install :: for default alone
                    admin :: connect :: install a manager for your own namespaces by 'tp install --namespaces NAME'
                    admin :: connect --agentless :: <title>
                    edit :: install :: for the whole cluster create on namespaces is missing, for the namespace default alone create on roles
                    edit :: connect :: do without one: 'tp connect --agentless'
                    edit :: connect --agentless :: <title>
                    forward :: install :: is missing
                    forward :: connect :: not allowed to read the ConfigMap tp-manager-info in tp-system
                    forward :: connect --agentless :: <title>
                    view :: connect --agentless :: you may not reach pods: get on pods/portforward in default is missing; ask an administrator of the cluster for what 'tp install --print-rbac --for agentless' shows
                    nothing :: connect :: not allowed to read the ConfigMap tp-manager-info in tp-system
                    nothing :: connect --agentless :: not allowed to list and watch
                    """)
    void whatItAllowsIsDoneAndWhatItDoesNotIsSaid(String level, String command, String expected)
            throws Exception {
        Laptop.Result result =
                shell.run(
                        """
                        case "%1$s" in
                        install) tp install --kubeconfig $T/%2$s 2>&1 | tail -1 ;;
                        *) tp %1$s --kubeconfig $T/%2$s -- curl -s -m 9 verylargejavaservice.default:8080 2>&1 | grep -e '<title>' -e '^tp: ' ;;
                        esac
                        ip -o link | grep -c ' tp[0-9a-f]*:'"""
                                .formatted(command, level));

        assertThat(result.output()).contains(expected).doesNotContain("Exception").endsWith("\n0");
        assertThat(result.output().lines().filter(line -> line.startsWith("tp: ")).count())
                .isLessThanOrEqualTo(1);
    }
}
