package tp.kube;

import java.util.List;
import java.util.stream.Stream;

/**
 * A right that opening a session needs, in the manager's namespace; docs/rbac.md says why each.
 *
 * @param home the manager's namespace
 * @param resource with its subresource, such as {@code pods/portforward}
 * @param name empty: of all names
 * @param transport the only one that needs it, empty where all do
 */
public record UserRight(String home, String verb, String resource, String name, String transport) {

    private static final String SERVICE = "https:tp-manager:websocket";

    /** {@return what the Role tp-user grants for that account} */
    static List<UserRight> of(String home, String account) {
        return List.of(
                new UserRight(home, "get", "configmaps", ManagerObjects.INFO, ""),
                new UserRight(home, "list", "pods", "", ""),
                new UserRight(home, "create", "serviceaccounts/token", account, ""),
                new UserRight(home, "get", "pods/portforward", "", "port-forward"),
                new UserRight(home, "create", "pods/portforward", "", "port-forward"),
                new UserRight(home, "get", "services/proxy", SERVICE, "websocket"));
    }

    /** {@return such as {@code get configmaps tp-manager-info in tp-system}} */
    public String told() {
        return Stream.of(verb, resource, name, "in " + home)
                .filter(word -> !word.isEmpty())
                .reduce((some, word) -> some + " " + word)
                .orElseThrow();
    }

    /** {@return the question to the API server whether the user has it} */
    AccessReview review() {
        return new AccessReview(verb, "", resource, home, name);
    }
}
