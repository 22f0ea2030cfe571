package tp.kube;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import tp.spi.common.DnsLabel;
import tp.spi.common.TpException;

/** How much of a cluster a manager covers, and with that, which rights it takes to install it. */
public sealed interface Level {

    Level WHOLE_CLUSTER = new WholeCluster();

    /** {@return the namespace that the manager is in} */
    String home();

    /** All namespaces, in a namespace of its own; ClusterRoles. */
    record WholeCluster() implements Level {
        @Override
        public String home() {
            return ManagerObjects.NAMESPACE;
        }
    }

    /**
     * Some namespaces, by a Role in each, and nothing of the cluster's scope.
     *
     * @param names at least one; the manager is in the first
     */
    record Namespaces(List<String> names) implements Level {

        /** The manager takes no more. */
        private static final int MOST = 64;

        /**
         * @throws TpException where one can have no such name, or there are none, or too many
         */
        public Namespaces {
            names = List.copyOf(new LinkedHashSet<>(names));
            if (names.isEmpty() || names.size() > MOST) {
                throw TpException.usage(
                        "a manager with Roles only covers 1 to " + MOST + " namespaces",
                        "give some, or install it for the whole cluster");
            }
            names.stream()
                    .filter(name -> !DnsLabel.matches(name))
                    .findFirst()
                    .ifPresent(
                            name -> {
                                throw TpException.usage(
                                        "no namespace can be called '"
                                                + Failures.oneLine(name)
                                                + "'",
                                        "give names such as team-a");
                            });
        }

        @Override
        public String home() {
            return names.getFirst();
        }
    }

    /** {@return the level that names them; empty: none is named} */
    static Optional<Level> named(List<String> namespaces) {
        return namespaces.isEmpty() ? Optional.empty() : Optional.of(new Namespaces(namespaces));
    }
}
