package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.testkit.laptop.Laptop;

/**
 * Each way to make a host ask tp, on hosts of each kind: every program finds the cluster's names,
 * containers too, all other names go where they went, and the host is restored. systemd-resolved is
 * Debian's own, on a D-Bus of its own.
 */
@Needs(
        value = {"nft", "dig"},
        sandbox = "its resolver beside the laptop")
@ParameterizedClass(name = "{0}")
@EnumSource
class ResolversIT {

    /** What resolves names on the laptop, and the strategy that fits best. */
    enum HostKind {
        /** A file that names the server of the network. */
        PLAIN("resolv.conf", ":"),
        /** The stub of systemd-resolved, which serves containers at their bridge's address too. */
        RESOLVED(
                "systemd-resolved",
                DebianResolved.start("DNS=192.168.127.1", "DNSStubListenerExtra=172.30.0.1"));

        private final String best;
        private final String setUp;

        HostKind(String best, String setUp) {
            this.best = best;
            this.setUp = setUp;
        }
    }

    private static final String FUNCTIONS =
            """
            picture() {
                ip -o addr | sed 's/valid_lft.*//'; ip route show table all; ip rule; nft list ruleset
                ls -l /etc/resolv.conf; cat /etc/resolv.conf; ls /etc | grep resolv; ls /run | grep redirect
            }
            # Waits up to 2 s for the host to be as before.
            as_before() {
                for i in $(seq 20); do
                    picture >$T/picture.now; cmp -s $T/picture.before $T/picture.now && echo as before && return
                    sleep 0.1
                done
                diff $T/picture.before $T/picture.now
            }
            # Prints what a command prints where that is not what is expected.
            is() { expected=$1; shift; got=$("$@" 2>&1); [ "$got" = "$expected" ] || echo "$*: $got"; }
            within() { for i in $(seq $(($1 * 5))); do eval "$2" && return; sleep 0.2; done; echo "never: $2"; }
            report() { tp status --output json | tr -d '\\n'; }
            pid() { report | sed "s/.*\\"$1\\":{[^}]*\\"pid\\":\\([0-9]*\\).*/\\1/"; }
            strategy() { report | sed 's/.*"dns":{"strategy":"\\([^"]*\\)".*/\\1/'; echo; }
            ours() { grep -q '^# Written by tp' /etc/resolv.conf; }
            address() { dig +short verylargejavaservice.default.svc.cluster.local; }
            host_names() { dig $1 +tries=1 nosuch.example | grep -o 'status: [A-Z]*'; }
            """;

    /** The network of containers, behind a bridge. */
    private static final String BRIDGE =
            """
            set -e
            mkdir -p /run/netns; ip netns add box
            ip link add br0 type bridge; ip link add tobox type veth peer name eth0 netns box
            ip link set br0 addrgenmode none; ip link set tobox addrgenmode none
            ip addr add 172.30.0.1/24 dev br0; ip link set br0 up
            ip link set tobox master br0 up; ip -n box addr add 172.30.0.2/24 dev eth0
            ip -n box link set eth0 up; ip -n box route add default via 172.30.0.1
            echo 1 >/proc/sys/net/ipv4/ip_forward
            nft 'table ip bridged { chain c { type nat hook postrouting priority 100; ip saddr 172.30.0.0/24 oifname != "br0" masquerade; }; }'
            """;

    private static Laptop laptop;

    private final HostKind kind;

    ResolversIT(HostKind kind) {
        this.kind = kind;
    }

    @BeforeParameterizedClassInvocation
    static void start(HostKind kind) throws Exception {
        boolean there = kind == HostKind.PLAIN || DebianResolved.isThere();
        String line = "not run: ResolversIT " + kind + " needs " + DebianResolved.NEEDED;
        if (!there) {
            System.out.println(line);
        }
        assumeTrue(there, line);
        laptop = Laptop.start();
        laptop.run("export PROBE='" + Laptop.java(Probe.class) + "'");
        Laptop.Result up = laptop.run(BRIDGE + kind.setUp);
        assertThat(up.exit()).as(up.output()).isZero();
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        if (laptop != null) {
            laptop.close();
        }
    }

    @AfterEach
    void quit() throws Exception {
        laptop.run("tp quit");
    }

    @Test
    void theStrategyThatFitsBestIsTaken() throws Exception {
        assertThat(run("tp connect >/dev/null || exit 1; strategy")).isEqualTo(kind.best);
    }

    @ParameterizedTest
    @ValueSource(strings = {"systemd-resolved", "resolv.conf", "redirect"})
    void everyProgramFindsNamesAndAQuitRestores(String strategy) throws Exception {
        assumeFits(strategy);
        String script =
                """
                A=$(address); [ -n "$A" ] || echo no address
                for n in verylargejavaservice.default verylargejavaservice.default.svc verylargejavaservice.default.svc.cluster.local; do
                    is $A dig +short $n
                    is $A dig +tcp +short $n
                    is 200 curl -sS -m 10 -o /dev/null -w '%{http_code}' $n:8080
                    getent ahostsv4 $n | grep -q "^$A " || echo getent $n
                    $PROBE connect $n 8080 | grep -q ^connected || echo java $n
                done
                is kubernetes.default.svc.cluster.local. dig +short -x $(dig +short kubernetes.default.svc.cluster.local)
                is 'status: NXDOMAIN' host_names; is 'status: NXDOMAIN' host_names +tcp
                tp quit >/dev/null
                """;

        assertThat(run(connect(strategy) + script + "as_before")).isEqualTo("as before");
    }

    @ParameterizedTest
    @ValueSource(strings = {"systemd-resolved", "resolv.conf", "redirect"})
    void containersFindThemToo(String strategy) throws Exception {
        assumeFits(strategy);
        // Their own servers are the host's at the time when they were made.
        boolean own = kind == HostKind.PLAIN || !strategy.equals("redirect");
        boolean bridge = strategy.equals("systemd-resolved");
        String script =
                """
                A=$(address); [ -n "$A" ] || echo no address
                for server in %s; do
                    is $A ip netns exec box dig +tries=1 +short verylargejavaservice.default @$server
                    is $A ip netns exec box dig +tries=1 +tcp +short verylargejavaservice.default @$server
                    ip netns exec box dig nosuch.example @$server | grep -q NXDOMAIN || echo other names
                done
                is 200 ip netns exec box curl -sS -m 10 -o /dev/null -w '%%{http_code}' $A:8080
                """
                        .formatted((own ? "192.168.127.1 " : "") + (bridge ? "172.30.0.1" : ""));

        assertThat(run(connect(strategy) + script)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "systemd-resolved, user_daemon",
        "systemd-resolved, root_daemon user_daemon",
        "resolv.conf, user_daemon root_daemon",
        "redirect, user_daemon",
        "redirect, user_daemon root_daemon",
    })
    void aKillRestores(String strategy, String processes) throws Exception {
        assumeFits(strategy);
        String kill =
                "for p in %s; do pids=\"$pids $(pid $p)\"; done; kill -9 $pids; as_before"
                        .formatted(processes);

        assertThat(run(connect(strategy) + kill)).isEqualTo("as before");
    }

    @ParameterizedTest
    @ValueSource(strings = {"systemd-resolved", "resolv.conf", "redirect"})
    void theNextCommandRestoresWhereAllWasKilledAtOnce(String strategy) throws Exception {
        assumeFits(strategy);
        String kill =
                """
                kill -9 $(pgrep -f tp.host.KeeperMain) $(pid user_daemon) $(pid root_daemon)
                tp quit >/dev/null
                """;

        assertThat(run(connect(strategy) + kill + "as_before")).isEqualTo("as before");
    }

    /** What a VPN or a DHCP client does, in each of the ways there are. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "vpn >/etc/resolv.conf",
                "vpn >/etc/new; mv /etc/new /etc/resolv.conf",
                "vpn >/run/vpn.conf; ln -sf /run/vpn.conf /etc/resolv.conf",
                "rm /etc/resolv.conf; vpn >/etc/resolv.conf"
            })
    void whatIsWrittenOverOursComesBackAtTheEnd(String rewrite) throws Exception {
        String script =
                """
                cp -P /etc/resolv.conf $T/first
                vpn() { printf 'nameserver 192.168.127.1\\nsearch vpn.example\\n# by the VPN\\n'; }
                %s
                picture | grep -v 'tp[0-9a-f]\\{8\\}' | grep resolv >$T/theirs
                within 10 'ours && grep -q vpn.example /etc/resolv.conf'
                [ -n "$(address)" ] || echo no address
                is 'status: NXDOMAIN' host_names
                tp quit >/dev/null
                grep '# by the VPN' /etc/resolv.conf; readlink /etc/resolv.conf
                rm /etc/resolv.conf; cp -P $T/first /etc/resolv.conf
                """
                        .formatted(rewrite);
        String expected =
                rewrite.contains("ln -sf") ? "# by the VPN\n/run/vpn.conf" : "# by the VPN";

        assertThat(
                        run(
                                "cp -P /etc/resolv.conf $T/own\n"
                                        + connect("resolv.conf")
                                        + script
                                        + "rm /etc/resolv.conf; cp -P $T/own /etc/resolv.conf"))
                .isEqualTo(expected);
    }

    @Test
    void whoWritesAgainAndAgainWinsAndAnotherStrategyIsTaken() throws Exception {
        assumeTrue(kind == HostKind.PLAIN, "systemd-resolved ranks first there");
        String script =
                """
                tp connect >/dev/null || exit 1; strategy
                while :; do echo nameserver 192.168.127.1 >/etc/resolv.conf; sleep 0.1; done & writer=$!
                within 30 '[ "$(strategy)" = redirect ]'
                kill $writer
                [ -n "$(address)" ] || echo no address
                tp status | sed -n 's/.*Not by resolv.conf *: //p'
                """;

        assertThat(run(script))
                .isEqualTo(
                        "resolv.conf\n"
                                + "failed: another program writes /etc/resolv.conf again and again;"
                                + " stop it, or give another --dns");
    }

    @Test
    void whereTheFileCannotBeWrittenAnotherStrategyIsTakenOrItIsAnError() throws Exception {
        assumeTrue(kind == HostKind.PLAIN, "systemd-resolved ranks first there");
        String script =
                """
                picture >$T/picture.before
                mount -o remount,bind,ro /etc
                tp connect --dns=resolv.conf 2>&1 | tail -1
                as_before
                tp connect >/dev/null || echo failed
                strategy; [ -n "$(address)" ] || echo no address
                tp quit >/dev/null; as_before
                mount -o remount,bind,rw /etc
                """;

        List<String> lines = run(script).lines().toList();

        assertThat(lines.getFirst())
                .contains("dns resolv.conf does not work here", "Read-only file system");
        assertThat(lines.subList(1, lines.size()))
                .containsExactly("as before", "redirect", "as before");
    }

    @Test
    void aStrategyThatFitsNoMoreGivesWayAndARestartOfItsServiceDoesNot() throws Exception {
        assumeTrue(kind == HostKind.RESOLVED, "there is no systemd-resolved");
        String script =
                """
                start() { %s; }
                kill -9 $(cat /run/dbus/resolved.pid); start
                [ -n "$(address)" ] || echo no address after a restart
                strategy
                kill -9 $(cat /run/dbus/resolved.pid)
                within 15 '[ "$(strategy)" = resolv.conf ]'
                [ -n "$(address)" ] || echo no address
                tp quit >/dev/null; start
                """
                        .formatted(kind.setUp);

        // Without --dns: whoever names a strategy gets no other.
        assertThat(run("tp connect >/dev/null || exit 1\n" + script)).isEqualTo("systemd-resolved");
    }

    @Test
    void whatDoesNotFitHereIsAnErrorBeforeAnythingIsDone() throws Exception {
        assumeTrue(kind == HostKind.PLAIN, "it fits there");

        assertThat(run("picture >$T/picture.before; tp connect --dns=systemd-resolved; as_before"))
                .contains(
                        "dns systemd-resolved cannot be used here: systemd-resolved does not run"
                                + " here",
                        "as before");
    }

    /** The kernel takes datagrams between the same ports for one connection, for half a minute. */
    @Test
    void aPortThatAskedBeforeARedirectIsRedirectedAndAfterItIsNot() throws Exception {
        assumeTrue(kind == HostKind.PLAIN, "there the stub asks, from ports of its own");
        String script =
                """
                from_port() { dig -b 0.0.0.0#40053 +tries=1 "$@"; }
                is 192.0.2.80 from_port +short www.example.com
                tp connect --dns=redirect >/dev/null || exit 1
                is $(address) from_port +short verylargejavaservice.default.svc.cluster.local
                tp quit >/dev/null
                is 192.0.2.80 from_port +short www.example.com
                """;

        assertThat(run(script)).isEmpty();
    }

    private void assumeFits(String strategy) {
        assumeTrue(
                kind == HostKind.RESOLVED || !strategy.equals("systemd-resolved"),
                "there is no systemd-resolved");
    }

    private static String connect(String strategy) {
        return "picture >$T/picture.before; tp connect --dns=%s >/dev/null || exit 1\n"
                .formatted(strategy);
    }

    private static String run(String script) throws InterruptedException {
        return laptop.run(Duration.ofMinutes(2), FUNCTIONS + script).output();
    }
}
