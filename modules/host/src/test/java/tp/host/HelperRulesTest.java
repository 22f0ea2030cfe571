package tp.host;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.os.InterfaceAddress;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;
import tp.spi.dns.HostChange;

class HelperRulesTest {

    private static final List<InterfaceAddress> OWN =
            List.of(
                    InterfaceAddress.parse("10.254.7.1/24"),
                    InterfaceAddress.parse("fd74:7470::1/64"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0/0",
                "0.0.0.0/1",
                "128.0.0.0/1",
                "10.0.0.0/7",
                "127.0.0.0/8",
                "127.0.0.53/32",
                "169.254.169.254/32",
                "224.0.0.0/8",
                "255.255.255.255/32",
                "0.0.0.0/8",
                "::/0",
                "2000::/3",
                "fd00::/31",
                "::1/128",
                "::/32",
                "fe80::1/128",
                "ff02::/32"
            })
    void refusesRangesThatAreNoClusters(String range) {
        assertThatThrownBy(() -> HelperRules.routes(List.of(Cidr.parse(range))))
                .isInstanceOf(TpException.class);
        InterfaceAddress address =
                new InterfaceAddress(Cidr.parse(range).network(), Cidr.parse(range).prefixLength());
        assertThatThrownBy(
                        () ->
                                HelperRules.device(
                                        new HelperRequest.OpenDevice(List.of(address), 1500)))
                .isInstanceOf(TpException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.0/8",
                "10.96.0.0/16",
                "203.0.113.9/32",
                "100.64.0.0/10",
                "fd00:10::/32",
                "fd00:10:96::/112",
                "2001:db8::1/128"
            })
    void takesRangesOfClusters(String range) {
        assertThatCode(() -> HelperRules.routes(List.of(Cidr.parse(range))))
                .doesNotThrowAnyException();
    }

    @Test
    void countsRangesAndAddresses() {
        Cidr range = Cidr.parse("10.96.0.0/16");
        assertThatThrownBy(
                        () ->
                                HelperRules.routes(
                                        Collections.nCopies(HelperRules.MAX_ROUTES + 1, range)))
                .hasMessageContaining("2049 ranges");
        for (int count : new int[] {0, HelperRules.MAX_ADDRESSES + 1}) {
            var addresses = Collections.nCopies(count, OWN.getFirst());
            assertThatThrownBy(
                            () -> HelperRules.device(new HelperRequest.OpenDevice(addresses, 1500)))
                    .hasMessageContaining("1 to 8 addresses");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1279, 65_536, Integer.MAX_VALUE})
    void refusesMtusThatNoDeviceHas(int mtu) {
        assertThatThrownBy(() -> HelperRules.device(new HelperRequest.OpenDevice(OWN, mtu)))
                .hasMessageContaining("MTU");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nameserver 192.0.2.1\n",
                "nameserver 10.254.8.2\n",
                "nameserver\n",
                "nameserver example.com\n",
                "nameserver 10.254.7.2 192.0.2.1\n",
                "sortlist 10.0.0.0\n",
                "domain evil.example\n",
                "search a\rnameserver 192.0.2.1\n",
                "search a\0b\n",
                "# a\rnameserver 192.0.2.1\n",
                "search a\u2028b\n",
                " nameserver 192.0.2.1\n",
                "NAMESERVER 10.254.7.2\n"
            })
    void refusesResolversThatAreNotTps(String content) {
        assertThatThrownBy(() -> HelperRules.resolvConf(new HostChange.ResolvConf(content), OWN))
                .isInstanceOf(TpException.class);
    }

    @Test
    void takesTpsResolver() {
        String content =
                """
                # a comment, ü
                ; another

                nameserver 10.254.7.2
                nameserver fd74:7470::2
                search default.svc.cluster.local example.com
                options ndots:5 edns0
                """;
        assertThatCode(() -> HelperRules.resolvConf(new HostChange.ResolvConf(content), OWN))
                .doesNotThrowAnyException();
        String padded = content + "#".repeat(4096);
        assertThatThrownBy(() -> HelperRules.resolvConf(new HostChange.ResolvConf(padded), OWN))
                .hasMessageContaining("4096 bytes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tp00000001 | 10.254.7.2 | ~cluster.local default.svc.cluster.local | ''",
                "tp00000001 | 10.254.7.2 fd74:7470::2 | ~96.10.in-addr.arpa ~dev | ''",
                "eth0 | 10.254.7.2 | ~cluster.local | device",
                "tp00000002 | 10.254.7.2 | ~cluster.local | device",
                "tp00000001 | 192.0.2.1 | ~cluster.local | own device",
                "tp00000001 | 10.254.7.2 192.0.2.1 | ~cluster.local | own device",
                "tp00000001 | '' | ~cluster.local | 1 to 3 servers",
                "tp00000001 | 10.254.7.2 10.254.7.3 10.254.7.4 10.254.7.5 | ~a | 1 to 3 servers",
                "tp00000001 | 10.254.7.2 | '' | 1 to 255 domains",
                "tp00000001 | 10.254.7.2 | ~. | root",
                "tp00000001 | 10.254.7.2 | . | root",
                "tp00000001 | 10.254.7.2 | ~ | root",
                "tp00000001 | 10.254.7.2 | ~~a | root",
                "tp00000001 | 10.254.7.2 | a..b | root",
                "tp00000001 | 10.254.7.2 | a. | root",
                "tp00000001 | 10.254.7.2 | --help;x | root",
            })
    void aLinkGetsOurServersForNamedDomainsOnly(
            String device, String servers, String domains, String refusal) {
        HostChange.LinkDns link =
                new HostChange.LinkDns(device, addresses(servers), words(domains));

        judge(refusal, () -> HelperRules.linkDns(link, "tp00000001", OWN));
    }

    @Test
    void countsDomainsOfALink() {
        List<InetAddress> server = List.of(InetAddress.ofLiteral("10.254.7.2"));
        for (List<String> domains :
                List.of(Collections.nCopies(256, "a"), List.of("a".repeat(64)))) {
            HostChange.LinkDns link = new HostChange.LinkDns("tp00000001", server, domains);
            assertThatThrownBy(() -> HelperRules.linkDns(link, "tp00000001", OWN))
                    .isInstanceOf(TpException.class);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "192.0.2.53 | 10.254.7.2 | ''",
                "192.0.2.53 127.0.0.53 | 10.254.7.2 | ''",
                "2001:db8::53 | fd74:7470::2 | ''",
                "192.0.2.54 | 10.254.7.2 | does not ask",
                "192.0.2.53 192.0.2.54 | 10.254.7.2 | does not ask",
                "10.254.7.3 | 10.254.7.2 | does not ask",
                "192.0.2.53 | 192.0.2.66 | own device",
                "192.0.2.53 | 127.0.0.1 | own device",
                "2001:db8::53 | 10.254.7.2 | another family",
                "'' | 10.254.7.2 | 1 to 8 servers",
            })
    void onlyWhatTheHostAsksIsRedirectedAndOnlyToUs(String servers, String target, String refusal) {
        Set<InetAddress> asked =
                Set.copyOf(addresses("192.0.2.53 127.0.0.53 2001:db8::53 10.254.7.3"));
        HostChange.Port53Redirect redirect =
                new HostChange.Port53Redirect(
                        addresses(servers), InetAddress.ofLiteral(target), HostChange.Askers.ALL);

        judge(refusal, () -> HelperRules.redirect(redirect, asked, OWN));
    }

    private static void judge(String refusal, ThrowingCallable action) {
        if (refusal.isEmpty()) {
            assertThatCode(action).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(action)
                    .isInstanceOf(TpException.class)
                    .hasMessageContaining(refusal);
        }
    }

    private static List<InetAddress> addresses(String text) {
        return words(text).stream().map(InetAddress::ofLiteral).toList();
    }

    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" ", -1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0123abc", "0123abcde", "0123ABCD", "../../ab", "0123abc\n"})
    void refusesSessionIdsThatAreNone(String id) {
        assertThatThrownBy(() -> HelperRules.sessionId(id)).isInstanceOf(TpException.class);
    }

    @Test
    void listensOnNoAddressButTheDevices() {
        assertThatCode(() -> HelperRules.listen(listen("fd74:7470::1"), OWN))
                .doesNotThrowAnyException();
        for (String other : List.of("10.254.7.2", "0.0.0.0", "::", "127.0.0.1")) {
            assertThatThrownBy(() -> HelperRules.listen(listen(other), OWN))
                    .as(other)
                    .isInstanceOf(TpException.class);
        }
    }

    private static HelperRequest.Listen listen(String address) {
        return new HelperRequest.Listen(InetAddress.ofLiteral(address));
    }
}
