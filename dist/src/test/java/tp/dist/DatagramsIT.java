package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.testkit.laptop.Laptop;

/**
 * UDP of every size that there is, there and back, through fragments where the MTU asks for them.
 */
class DatagramsIT {

    private static final String SIZES = "1 1200 1472 1473 9000 60000 ";

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        laptop.run("export PROBE='" + Laptop.java(Probe.class) + "'");
    }

    @AfterAll
    static void quit() throws Exception {
        laptop.run("tp quit");
        laptop.close();
    }

    /**
     * The largest of IPv4 is 65,507 bytes, and of IPv6, which does not count its header, 65,527.
     */
    @ParameterizedTest
    @CsvSource({
        "port-forward, 4, 65000, 65507",
        "port-forward, 6, 1500, 65527",
        "grpc, 6, 65000, 65527",
        "quic, 4, 1500, 65507",
        "quic, 6, 65000, 65527",
    })
    void comeBackEqual(String transport, int family, int mtu, String largest) throws Exception {
        Laptop.Result connected = laptop.run("tp quit; tp connect --transport=" + transport);
        assertThat(connected.exit()).as(connected.output()).isZero();

        // By hand, as somebody might: tp is not told.
        Laptop.Result set =
                laptop.run(
                        "ip link set $(ip -o link | grep -o 'tp[0-9a-f]\\{8\\}' | head -n 1) mtu "
                                + mtu);
        assertThat(set.exit()).as(set.output()).isZero();
        int before = fragmentsMade(family);

        Laptop.Result echoed =
                laptop.run(
                        "$PROBE udp $(getent ahostsv%d udp-echo.default | sed 's/ .*//;q') 7 %s"
                                .formatted(family, SIZES + largest));

        assertThat(echoed.output()).isEqualTo("echoed " + SIZES + largest);
        assertThat(fragmentsMade(family) - before)
                .as("fragments that the laptop's kernel made")
                .isGreaterThanOrEqualTo(mtu == 1_500 ? 90 : 2);
    }

    private static int fragmentsMade(int family) throws InterruptedException {
        String counts = family == 4 ? "/proc/net/snmp" : "/proc/net/snmp6";
        String output = laptop.run("cat " + counts).output();
        if (family == 6) {
            return Integer.parseInt(
                    output.replaceFirst("(?s).*\\nIp6FragCreates\\s+(\\d+).*", "$1"));
        }
        String[] ip = output.lines().filter(line -> line.startsWith("Ip:")).toArray(String[]::new);
        int column = List.of(ip[0].split(" ", -1)).indexOf("FragCreates");
        return Integer.parseInt(ip[1].split(" ", -1)[column]);
    }
}
