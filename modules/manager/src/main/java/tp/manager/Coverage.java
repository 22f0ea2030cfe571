package tp.manager;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import tp.spi.common.Cidr;
import tp.spi.common.DnsLabel;
import tp.spi.common.TpException;

/** How much of the cluster the manager's rights let it see. */
sealed interface Coverage {

    /** The manager's own setting, a list with commas; absent: the whole cluster. */
    String VARIABLE = "TP_NAMESPACES";

    int MAX_NAMESPACES = 64;

    /**
     * {@return whether an address that no object here has may be taken for one outside the cluster,
     * because a granted name was answered with it}
     */
    boolean mayBeOutside(InetAddress address);

    /** By ClusterRoles. */
    record WholeCluster() implements Coverage {
        @Override
        public boolean mayBeOutside(InetAddress address) {
            return true; // whose it would be in the cluster is known
        }
    }

    /**
     * By a Role in each of some namespaces. Of what is private it is not known here whether it is
     * of other namespaces: an ExternalName, or a name of anybody's, must not lead there.
     */
    record Namespaces(List<String> names) implements Coverage {

        /** RFC 1918, RFC 6598 and RFC 4193. */
        private static final List<Cidr> PRIVATE =
                List.of(
                        Cidr.parse("10.0.0.0/8"),
                        Cidr.parse("172.16.0.0/12"),
                        Cidr.parse("192.168.0.0/16"),
                        Cidr.parse("100.64.0.0/10"),
                        Cidr.parse("fc00::/7"));

        public Namespaces {
            names = List.copyOf(names);
        }

        @Override
        public boolean mayBeOutside(InetAddress address) {
            return !Ranges.contains(PRIVATE, AddressBook.translated(address));
        }
    }

    static Coverage of(Map<String, String> variables) {
        List<String> names =
                Arrays.stream(variables.getOrDefault(VARIABLE, "").split("[,\\s]+"))
                        .filter(name -> !name.isEmpty())
                        .distinct()
                        .toList();
        if (names.isEmpty()) {
            return new WholeCluster();
        }
        if (names.size() > MAX_NAMESPACES
                || names.stream().anyMatch(name -> !DnsLabel.matches(name))) {
            throw TpException.environment(
                    VARIABLE + " is no list of at most " + MAX_NAMESPACES + " namespaces",
                    "give such as team-a,team-b");
        }
        return new Namespaces(names);
    }
}
