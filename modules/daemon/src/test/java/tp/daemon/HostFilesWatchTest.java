package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.connector.Found;
import tp.connector.Point;
import tp.dns.ResolvConfProvider;
import tp.spi.common.TpException;
import tp.spi.dns.DnsProvider;
import tp.spi.dns.HostChange;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.dns.ResolverSettings;

/** What other programs do with the host's files, beneath a session in namespaces of its own. */
class HostFilesWatchTest {

    private static final char MISSING = '-';

    private final ResolverSettings offer =
            new ResolverSettings(
                    "tp0123abcd",
                    InetAddress.ofLiteral("100.127.1.2"),
                    List.of(),
                    List.of("cluster.local"),
                    List.of());

    /** The file at this moment, which is the one after the last look. */
    private char file = 'a';

    private final StringBuilder shown = new StringBuilder();

    /** As in the namespace: where there is no file nothing can be shown over it. */
    private final NameTakeover.Changes namespace =
            new NameTakeover.Changes() {
                @Override
                public List<String> apply(List<HostChange> changes) {
                    if (file == MISSING) {
                        throw TpException.environment("there is no file", "make one");
                    }
                    shown.append(file);
                    return List.of();
                }

                @Override
                public List<String> restore() {
                    return List.of();
                }
            };

    private static ResolverEnvironment host(char file) {
        String text = file == MISSING ? "" : "nameserver 192.0.2.1\nsearch " + file + ".example\n";
        return new ResolverEnvironment(text, "", false, "", false, false);
    }

    private static HostFilesWatch.Seen seen(char file) {
        Optional<String> identity = Optional.of(String.valueOf(file)).filter(id -> !id.equals("-"));
        return new HostFilesWatch.Seen(host(file), identity, Optional.of("switch"));
    }

    private NameTakeover takeover() {
        Point<DnsProvider> point =
                new Point<>(
                        "dns",
                        List.of(new Found<>(new ResolvConfProvider(), "tp.dns", "")),
                        List.of());
        return new NameTakeover(
                new NameTakeover.Parts(
                        namespace,
                        (zone, server) -> new NameCheck.Outcome("", ""),
                        new HostUpstream(host('a'), Set.of(offer.server())),
                        Optional.empty(),
                        host -> point.choose(Optional.empty(), one -> one.assess(host))),
                offer,
                host('a'));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "replaced, abb, ab",
        "rewritten as it was, aa, a",
        "missing for a moment, a-bb, ab",
        "missing for long, a------bb, ab",
        "another each time until it rests, abcdd, ad",
        "never at rest, abcdefg, ag",
        // Between a look and what it leads to.
        "gone as it is shown, abb-cc, ac",
        "seen once and once more later, abaabaa, a",
    })
    void namesAreOfTheFileThatStays(String name, String looks, String expected) throws Exception {
        HostFilesWatch watch = new HostFilesWatch(seen('a'));
        NameTakeover takeover = takeover();
        takeover.begin();
        for (int i = 0; i < looks.length(); i++) {
            file = looks.charAt(Math.min(i + 1, looks.length() - 1));
            watch.look(seen(looks.charAt(i)), takeover);
        }

        assertThat(shown).hasToString(expected);
        assertThat(takeover.error()).isEmpty();
    }
}
