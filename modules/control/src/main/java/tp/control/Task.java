package tp.control;

import java.util.List;
import java.util.Optional;

/**
 * What a process of the daemon's program is started for, in place of a session: it reads one of
 * these, answers, and ends.
 */
public sealed interface Task extends Message {

    /**
     * Which cluster; empty where a flag was not given.
     *
     * @param kubeconfig absolute path, or the value of {@code KUBECONFIG}
     */
    record Cluster(Optional<String> kubeconfig, Optional<String> context) {}

    /**
     * Of which images the manager's pod is; at most one of them is given.
     *
     * @param manager an image that holds the manager
     * @param runtime an image that holds Java, where the manager's code comes in ConfigMaps; if
     *     both are empty the usual one
     */
    record Images(Optional<String> manager, Optional<String> runtime) {

        public boolean areNamed() {
            return manager.isPresent() || runtime.isPresent();
        }
    }

    /**
     * Bring the manager into a cluster, or up to date there. Replied by {@link Reply.Installed}
     * when it takes connections.
     *
     * @param force whether to overwrite what somebody else set, or a newer version
     * @param namespaces what it covers; empty: as much as the user's rights allow
     */
    record Install(Cluster cluster, Images images, boolean force, List<String> namespaces)
            implements Task {
        public Install {
            namespaces = List.copyOf(namespaces);
        }
    }

    /**
     * Remove what an install brought. Replied by {@link Reply.Uninstalled}.
     *
     * @param namespaces what it covers; empty: the one that is found
     */
    record Uninstall(Cluster cluster, List<String> namespaces) implements Task {
        public Uninstall {
            namespaces = List.copyOf(namespaces);
        }
    }

    /**
     * What an install applies, without a cluster. Replied by {@link Reply.Text}.
     *
     * @param namespaces what it covers; empty: the whole cluster
     */
    record PrintManifests(Images images, List<String> namespaces) implements Task {
        public PrintManifests {
            namespaces = List.copyOf(namespaces);
        }
    }

    /** Whose rights there are to print. */
    enum Grantee {
        /** Whoever opens a session. */
        USER,
        /** Whoever installs the manager, and removes it. */
        INSTALLER,
        /** The manager itself, and what sessions reach. */
        MANAGER,
        /** Whoever opens a session without a manager. */
        AGENTLESS
    }

    /**
     * The roles of somebody, without a cluster. Replied by {@link Reply.Text}.
     *
     * @param transport whose rights a user needs; empty: those of all
     * @param namespaces what the manager covers; empty: the whole cluster
     */
    record PrintRights(Grantee grantee, Optional<String> transport, List<String> namespaces)
            implements Task {
        public PrintRights {
            namespaces = List.copyOf(namespaces);
        }
    }
}
