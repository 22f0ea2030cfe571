package tp.control;

import java.util.List;
import java.util.Optional;

/**
 * The flags of {@code tp connect}; empty where one was not given.
 *
 * @param kubeconfig absolute path, or the value of {@code KUBECONFIG}
 * @param mappedNamespaces as given, in order
 * @param account whose rights the session has
 * @param endpoints addresses of the manager, as given
 * @param agentless whether to do without a manager in the cluster
 * @param outside what the cluster is to be a way to, and what not
 */
public record ConnectSettings(
        Optional<String> kubeconfig,
        Optional<String> context,
        Optional<String> namespace,
        List<String> mappedNamespaces,
        Account account,
        Optional<String> transport,
        List<String> endpoints,
        Optional<String> dns,
        boolean agentless,
        Outside outside) {

    /**
     * Whose tokens a session shows.
     *
     * @param name a service account of the manager's namespace
     * @param managerNamespace where the manager is
     */
    public record Account(Optional<String> name, Optional<String> managerNamespace) {
        public static final Account USUAL = new Account(Optional.empty(), Optional.empty());
    }

    /** Ranges and names, as given, in order. */
    public record Outside(List<String> alsoProxy, List<String> neverProxy) {
        public static final Outside NONE = new Outside(List.of(), List.of());

        public Outside {
            alsoProxy = List.copyOf(alsoProxy);
            neverProxy = List.copyOf(neverProxy);
        }
    }

    public ConnectSettings {
        mappedNamespaces = List.copyOf(mappedNamespaces);
        endpoints = List.copyOf(endpoints);
    }
}
