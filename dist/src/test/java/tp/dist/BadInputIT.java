package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tp.testkit.laptop.Laptop;

/** What is wrong is said in one line with a next step, and the host is as it was. */
@Tag("wide")
@Needs(value = "kubectl", sandbox = "the words of its kubeconfig, and a second one to start")
class BadInputIT {

    /**
     * @param script run by a shell on the laptop, in a folder of its own
     * @param words of the one line, in order
     */
    record Row(String name, String script, int exit, List<String> words) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final String BEFORE =
            """
            folder=$(mktemp -d); trap 'rm -rf $folder' EXIT; cd $folder
            picture() {
                { ip -o addr; ip route show table all; ip -6 route show table all; ip rule; ip -6 rule; nft list ruleset
                cat /etc/resolv.conf; stat -Lc %F /dev/net/tun; } 2>/dev/null | sed '/fe80/d; s/valid_lft.*//; s/expires [^ ]*//'
            }
            # usage: firewall CHAIN RULE...
            firewall() {
                chain=$1; shift
                nft "add table inet bad; add chain inet bad c { type filter hook $chain priority 0; }; add rule inet bad c $*"
            }
            # Prints what the command says, without what a new session says of its progress.
            connected() { tp connect >/dev/null && "$@"; code=$?; tp quit >/dev/null; return $code; }
            # A user namespace in which this account is a plain uid, and sudo of no use.
            plain() {
                mkdir -m 700 run state
                env XDG_RUNTIME_DIR=$folder/run XDG_STATE_HOME=$folder/state \\
                    unshare --user --map-user=4242 --map-group=4242 "$@"
            }
            picture >.before
            (
            """;

    /** Says so where the host is not as before within 2 s. */
    private static final String AFTER =
            """

            )
            code=$?
            for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
                picture >.after; cmp -s .before .after && exit $code
                sleep 0.1
            done
            echo "the host has changed:"; diff .before .after; exit $code
            """;

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    private static Stream<Row> rows() {
        return Stream.of(commandLine(), kubeconfig(), server(), rights(), host(), connected())
                .flatMap(List::stream);
    }

    private static List<Row> commandLine() {
        return List.of(
                row("unknown command", "tp conect", 2, "'conect'", "tp --help"),
                row("unknown flag", "tp connect --what", 2, "'--what'", "tp connect --help"),
                row("transport", "tp connect --transport=pigeon", 2, "pigeon", "port-forward"),
                row("dns", "tp connect --dns=oracle", 2, "oracle", "resolv.conf"),
                row(
                        "no label",
                        "tp connect --mapped-namespaces=default,Team_A",
                        2,
                        "'Team_A'",
                        "-"),
                row("empty label", "tp connect --mapped-namespaces=a,,b", 2, "''", "lower-case"),
                row(
                        "one name twice",
                        "tp connect --mapped-namespaces=a=b,a=c",
                        2,
                        "both b and c",
                        "once"),
                row(
                        "all beside others",
                        "tp connect --mapped-namespaces=a=b,all",
                        2,
                        "'all'",
                        "either"),
                row("account", "tp connect --service-account=A", 2, "service account", "tp-client"),
                row(
                        "an examination's endpoint",
                        "tp doctor --endpoint=nonsense",
                        2,
                        "--endpoint nonsense",
                        "quic://"),
                row("traffic intercept", "tp intercept web", 2, "traffic", "--local-only"),
                row("namespace", "tp connect --namespace=a.b", 2, "\"a.b\"", "lower-case"),
                row(
                        "namespace that is not mapped",
                        "tp connect --namespace=team-a --mapped-namespaces=default",
                        2,
                        "team-a is not mapped",
                        "--mapped-namespaces"),
                row("no such program", "connected tp connect -- /no/such", 2, "/no/such", "`--`"));
    }

    private static List<Row> kubeconfig() {
        return List.of(
                row("no file", "tp connect --kubeconfig=no", 1, "/no;", "--kubeconfig"),
                row("folder", "KUBECONFIG=/tmp tp connect", 1, "/tmp is no file", "name a file"),
                row(
                        "no YAML",
                        "echo 'a: [' >k; tp connect --kubeconfig=k",
                        1,
                        "/k is not",
                        "kubectl"),
                row(
                        "empty",
                        ": >k; tp connect --kubeconfig=k",
                        1,
                        "no current context",
                        "--kubeconfig"),
                row("context", "tp connect --context=nope", 2, "'nope'", "known contexts: sandbox"),
                edited("no cluster", "s/cluster: sandbox/cluster: x/", "'x'", "repair it"),
                edited(
                        "bad certificate",
                        "s/\\(authority-data:\\).*/\\1 eA==/",
                        "certificates",
                        "repair"),
                edited("no address", "s#server:.*#server: \"a b\"#", "'a b'", "repair"));
    }

    private static List<Row> server() {
        return List.of(
                edited("nobody listens", "s/6443/6444/", ":6444 cannot be reached", "check that"),
                edited(
                        "no such name",
                        "s/192.168.127.1/x.invalid/",
                        "name is not known",
                        "check that"),
                row(
                        "silence",
                        "sed s/6443/6445/ $KUBECONFIG >k; firewall output tcp dport 6445 drop\n"
                                + "tp connect --kubeconfig=k; code=$?; nft delete table inet bad; exit $code",
                        1,
                        ":6445 cannot be reached",
                        "timed out",
                        "check that"),
                edited(
                        "another authority",
                        "/authority-data/d",
                        "no TLS connection",
                        "certificate"),
                edited(
                        "refused",
                        "s/token:.*/token: x/",
                        "refused the credentials",
                        "log in again"));
    }

    private static List<Row> rights() {
        String nobody =
                """
                kubectl delete namespace tp-system --ignore-not-found >/dev/null
                kubectl create serviceaccount $1 >/dev/null
                sed "s/token: .*/token: $(kubectl create token $1)/" $KUBECONFIG >k
                """;
        String see =
                """
                kubectl create namespace tp-system >/dev/null
                kubectl -n tp-system create role see --verb=get --resource=configmaps >/dev/null
                kubectl -n tp-system create rolebinding see --role=see --serviceaccount=default:$1 >/dev/null
                """;
        String connect = "tp connect --kubeconfig=k";
        return List.of(
                row(
                        "nothing may be seen",
                        "set -- blind\n" + nobody + connect,
                        1,
                        "not allowed",
                        "bind"),
                row(
                        "no manager, and no right to install it",
                        "set -- seeing\n" + nobody + see + connect,
                        1,
                        "not installed in this cluster, and you may not install it",
                        "is missing",
                        "ask an administrator"));
    }

    private static List<Row> host() {
        String connect = "tp connect; code=$?;";
        return List.of(
                row(
                        "no device node",
                        "mount -t tmpfs none /dev/net;" + connect + "umount /dev/net; exit $code",
                        1,
                        "no TUN device",
                        "modprobe tun"),
                row(
                        "a file in place of the device",
                        ": >f; mount --bind f /dev/net/tun;"
                                + connect
                                + "umount /dev/net/tun; exit $code",
                        1,
                        "no network device can be made",
                        "10, 200"),
                row(
                        "no CAP_NET_ADMIN",
                        "setpriv --inh-caps=-net_admin --bounding-set=-net_admin tp connect",
                        1,
                        "root may not make a network device",
                        "CAP_NET_ADMIN"),
                row("sudo refuses", "plain tp connect", 1, "sudo did not start", "`sudo -v`"),
                row(
                        "no sudo",
                        "mkdir bin; ln -s $(command -v readlink) bin; tp=$(command -v tp)\n"
                                + "plain env PATH=$folder/bin $tp connect",
                        1,
                        "no sudo here",
                        "install sudo"),
                row(
                        "read-only resolver",
                        "cp /etc/resolv.conf r; mount --bind r /etc/resolv.conf\n"
                                + "mount -o remount,bind,ro /etc/resolv.conf;"
                                + connect.replace("connect", "connect --dns=resolv.conf")
                                + "umount /etc/resolv.conf; exit $code",
                        1,
                        "cannot change /etc/resolv.conf",
                        "make it writable"),
                firewalled(
                        "input",
                        "iifname \"tp*\" drop",
                        "drops",
                        "(its INPUT chain)",
                        "accept that"),
                firewalled("output", "oifname \"tp*\" drop", "do not reach", "OUTPUT", "nft list"),
                row(
                        "user namespaces are forbidden",
                        """
                        max=$(cat /proc/sys/user/max_user_namespaces)
                        echo 0 >/proc/sys/user/max_user_namespaces
                        tp sandbox run -- true; code=$?
                        echo $max >/proc/sys/user/max_user_namespaces; exit $code""",
                        1,
                        "does not allow user namespaces",
                        "sysctl -w user.max_user_namespaces"));
    }

    private static List<Row> connected() {
        return List.of(
                row("connected, as asked for", "connected tp connect", 0, "Already connected"),
                row(
                        "a manager of a version too far away",
                        """
                        version() {
                            kubectl -n tp-system patch configmap tp-manager-info -p "{\\"data\\":{\\"version\\":\\"$1\\"}}" >/dev/null
                        }
                        connected true
                        own=$(kubectl -n tp-system get configmap tp-manager-info -o jsonpath={.data.version})
                        version 9.9.0; tp connect; code=$?; version $own; exit $code""",
                        1,
                        "version is 9.9.0, this tp is ",
                        "tp install"),
                row(
                        "connected, otherwise",
                        "connected tp connect --service-account=other",
                        1,
                        "connected already, with another --service-account;",
                        "tp quit"),
                row(
                        "connected, a mapping that makes no sense",
                        "connected tp connect --mapped-namespaces=a=b=c",
                        2,
                        "'a=b=c' is not HERE=THERE",
                        "="),
                row(
                        "an intercept on what is not there",
                        "connected tp intercept x --local-only --namespace=nope",
                        1,
                        "'nope' does not exist",
                        "tp status"),
                row(
                        "an intercept that cannot be named so",
                        "connected tp intercept 'a b' --local-only --namespace=default",
                        2,
                        "'a b'",
                        "lower-case"),
                row("no such intercept", "connected tp leave x", 2, "'x'", "tp list"),
                row("nothing to leave", "tp leave x", 1, "not connected", "tp connect"),
                row("nothing to quit", "tp quit", 0, "Not connected"),
                row("no daemon to stop", "tp quit -s", 0, "Not connected"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void isSaidInOneLineAndTheHostIsAsBefore(Row row) throws Exception {
        Laptop.Result result = laptop.run(Duration.ofMinutes(1), BEFORE + row.script() + AFTER);

        String output = result.output();
        assertThat(result.exit()).as(output).isEqualTo(row.exit());
        assertThat(output).doesNotContain("Exception", "\tat ", "the host has changed");
        List<String> errors = output.lines().filter(line -> line.startsWith("tp: ")).toList();
        String last = output.lines().reduce((one, next) -> next).orElse("");
        assertThat(errors).as(output).isEqualTo(row.exit() == 0 ? List.of() : List.of(last));
        assertThat(last).containsSubsequence(row.words());
        if (row.exit() != 0) {
            assertThat(last).as("a next step").contains("; ");
        }
    }

    @Test
    void aHostThatIsNotAsBeforeIsNoticed() throws Exception {
        Laptop.Result result = laptop.run(BEFORE + "ip addr add 198.51.100.1/32 dev lo" + AFTER);
        laptop.run("ip addr del 198.51.100.1/32 dev lo");

        assertThat(result.output()).contains("the host has changed", "198.51.100.1");
    }

    private static Row row(String name, String script, int exit, String... words) {
        return new Row(name, script, exit, List.of(words));
    }

    private static Row edited(String name, String sed, String... words) {
        String script = "sed '%s' $KUBECONFIG >k; tp connect --kubeconfig=k".formatted(sed);
        return row("kubeconfig: " + name, script, 1, words);
    }

    private static Row firewalled(String chain, String rule, String... words) {
        String script =
                "firewall %s '%s'; tp connect; code=$?; nft delete table inet bad; exit $code"
                        .formatted(chain, rule);
        return row("a firewall in " + chain, script, 1, words);
    }
}
