package tp.manager;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the manager's own resolv.conf says of the cluster's DNS. */
record PodResolver(String clusterDomain, List<InetAddress> servers) {

    private static final String DEFAULT_DOMAIN = "cluster.local";

    PodResolver {
        servers = List.copyOf(servers);
    }

    static PodResolver parse(String resolvConf, String namespace) {
        String prefix = namespace + ".svc.";
        Optional<String> domain =
                words(resolvConf, "search")
                        .filter(word -> word.startsWith(prefix))
                        .map(word -> word.substring(prefix.length()).replaceFirst("\\.$", ""))
                        .filter(word -> !word.isEmpty())
                        .findFirst();
        return new PodResolver(
                domain.orElse(DEFAULT_DOMAIN),
                words(resolvConf, "nameserver").flatMap(PodResolver::address).toList());
    }

    private static Stream<String> words(String text, String keyword) {
        return text.lines()
                .map(line -> Arrays.asList(line.strip().split("\\s+")))
                .filter(words -> words.getFirst().equals(keyword))
                .flatMap(words -> words.stream().skip(1));
    }

    private static Stream<InetAddress> address(String literal) {
        try {
            return Stream.of(InetAddress.ofLiteral(literal));
        } catch (IllegalArgumentException e) {
            return Stream.empty();
        }
    }
}
