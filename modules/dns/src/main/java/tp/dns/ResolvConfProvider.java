package tp.dns;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import tp.spi.common.Assessment;
import tp.spi.dns.DnsProvider;
import tp.spi.dns.HostChange;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.dns.ResolverSettings;

/** Names tp's resolver in {@code /etc/resolv.conf}, as its only server. */
public final class ResolvConfProvider implements DnsProvider {

    /** musl passes over a search line of 256 bytes, and glibc before 2.26 over what is beyond. */
    private static final int MAX_SEARCH_BYTES = 255;

    private static final int MAX_OPTIONS_BYTES = 1024;
    private static final Predicate<String> WORD = Pattern.compile("[!-~]+").asMatchPredicate();

    public ResolvConfProvider() {}

    @Override
    public String id() {
        return "resolv.conf";
    }

    @Override
    public Assessment assess(ResolverEnvironment environment) {
        return environment.stub()
                ? new Assessment.Usable(
                        20,
                        "for all programs that read /etc/resolv.conf;"
                                + " those that ask systemd-resolved itself go past it")
                : new Assessment.Usable(50, "every program reads /etc/resolv.conf here");
    }

    @Override
    public List<HostChange> changes(ResolverEnvironment environment, ResolverSettings settings) {
        Set<String> search = new LinkedHashSet<>(settings.searchDomains());
        search.addAll(search(environment));
        StringBuilder content = new StringBuilder();
        content.append("# tp session ")
                .append(settings.device().replaceFirst("^tp", ""))
                .append(" on ")
                .append(settings.device())
                .append(": restored on quit\n")
                .append("nameserver ")
                .append(settings.server().getHostAddress())
                .append('\n');
        append(content, "search", search, MAX_SEARCH_BYTES);
        append(content, "options", environment.values("options"), MAX_OPTIONS_BYTES);
        List<HostChange> changes = new ArrayList<>();
        changes.add(new HostChange.ResolvConf(content.toString()));
        Redirects.forBridges(environment, settings).ifPresent(changes::add);
        return changes;
    }

    /** {@return the host's search list} The last of all search and domain lines counts. */
    private static List<String> search(ResolverEnvironment environment) {
        return environment
                .resolvConf()
                .lines()
                .map(String::strip)
                .filter(line -> line.matches("(search|domain)\\s.*"))
                .reduce((earlier, later) -> later)
                .map(line -> Arrays.asList(line.split("\\s+")))
                .map(words -> words.subList(1, words.size()))
                .orElse(List.of());
    }

    private static void append(
            StringBuilder content, String keyword, Iterable<String> words, int maxBytes) {
        StringBuilder line = new StringBuilder(keyword);
        int empty = line.length();
        for (String word : words) {
            if (!WORD.test(word)) {
                continue;
            }
            if (line.length() + 1 + word.getBytes(StandardCharsets.US_ASCII).length > maxBytes) {
                break;
            }
            line.append(' ').append(word);
        }
        if (line.length() > empty) {
            content.append(line).append('\n');
        }
    }
}
