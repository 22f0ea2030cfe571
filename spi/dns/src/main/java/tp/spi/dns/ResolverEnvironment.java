package tp.spi.dns;

import java.util.List;

/**
 * The host's resolver before tp changed anything.
 *
 * @param resolvConf the text of {@code /etc/resolv.conf}, empty if there is none
 * @param linkTarget where {@code /etc/resolv.conf} points to if it is a symbolic link, else empty
 * @param resolvedRuns whether systemd-resolved answers on the system bus
 */
public record ResolverEnvironment(String resolvConf, String linkTarget, boolean resolvedRuns) {

    /** {@return the values of all lines that begin with that keyword, split at white space} */
    public List<String> values(String keyword) {
        return resolvConf
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith(keyword + " ") || line.startsWith(keyword + "\t"))
                .flatMap(line -> List.of(line.split("\\s+")).stream().skip(1))
                .toList();
    }
}
