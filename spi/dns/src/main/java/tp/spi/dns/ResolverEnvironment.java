package tp.spi.dns;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The host's resolver before tp changed anything.
 *
 * @param resolvConf the text of {@code /etc/resolv.conf}, empty if there is none
 * @param linkTarget where {@code /etc/resolv.conf} points to if it is a symbolic link, else empty
 * @param resolvedRuns whether systemd-resolved runs
 * @param uplinks the text of the file in which systemd-resolved lists the servers that it asks
 *     itself, empty if there is none
 * @param nssResolve whether the C library asks systemd-resolved first (nss-resolve)
 * @param redirects whether this host has the program that redirects packets (nft)
 */
public record ResolverEnvironment(
        String resolvConf,
        String linkTarget,
        boolean resolvedRuns,
        String uplinks,
        boolean nssResolve,
        boolean redirects) {

    /** Where systemd-resolved listens: systemd-resolved.service(8). */
    private static final Set<InetAddress> STUBS =
            Set.of(InetAddress.ofLiteral("127.0.0.53"), InetAddress.ofLiteral("127.0.0.54"));

    /** A host that has neither nss-resolve nor nft. */
    public ResolverEnvironment(String resolvConf, String linkTarget, boolean resolvedRuns) {
        this(resolvConf, linkTarget, resolvedRuns, "", false, false);
    }

    /** {@return the values of all lines that begin with that keyword, split at white space} */
    public List<String> values(String keyword) {
        return values(resolvConf, keyword);
    }

    /** {@return the servers that programs here ask} What is no address is passed over. */
    public List<InetAddress> servers() {
        return addresses(resolvConf);
    }

    /** {@return whether programs here ask the stub of systemd-resolved} */
    public boolean stub() {
        return resolvedRuns && servers().stream().anyMatch(STUBS::contains);
    }

    /**
     * {@return whom tp asks for names that are not the cluster's} Never systemd-resolved's stub: it
     * may ask tp in turn.
     */
    public List<InetAddress> upstreams() {
        List<InetAddress> all = stub() ? addresses(uplinks) : servers();
        return all.stream().filter(server -> !STUBS.contains(server)).toList();
    }

    private static List<String> values(String text, String keyword) {
        return text.lines()
                .map(String::strip)
                .filter(line -> line.startsWith(keyword + " ") || line.startsWith(keyword + "\t"))
                .flatMap(line -> List.of(line.split("\\s+")).stream().skip(1))
                .toList();
    }

    private static List<InetAddress> addresses(String text) {
        return values(text, "nameserver").stream()
                .flatMap(ResolverEnvironment::address)
                .distinct()
                .toList();
    }

    /** {@return the address, or nothing: then the host's own resolver passed over it as well} */
    private static Stream<InetAddress> address(String literal) {
        try {
            return Stream.of(InetAddress.ofLiteral(literal));
        } catch (IllegalArgumentException e) {
            return Stream.empty();
        }
    }
}
