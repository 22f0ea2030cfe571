package tp.sandbox.api;

import java.util.ArrayList;
import java.util.List;

/**
 * Who makes a request.
 *
 * @param uid empty where there is none
 */
record User(String name, String uid, List<String> groups) {

    static final String MASTERS = "system:masters";

    private static final String AUTHENTICATED = "system:authenticated";
    private static final String ADMIN = "admin";
    private static final String ACCOUNT_PREFIX = "system:serviceaccount:";

    /** The sandbox's people: {@code admin} may do everything, others what RBAC says. */
    static User person(String name) {
        return certified(name, groupsOf(name));
    }

    /** Whoever shows neither a token nor a certificate. */
    static User anonymous() {
        return new User("system:anonymous", "", List.of("system:unauthenticated"));
    }

    /** {@return the groups that a person has} */
    static List<String> groupsOf(String person) {
        return person.equals(ADMIN) ? List.of(MASTERS) : List.of();
    }

    /** Somebody with a certificate. */
    static User certified(String name, List<String> groups) {
        List<String> all = new ArrayList<>(groups);
        all.add(AUTHENTICATED);
        return new User(name, "", List.copyOf(all));
    }

    /** Somebody that another user speaks for: a service account is in its groups all the same. */
    static User impersonated(String name, List<String> groups) {
        List<String> words = List.of(name.split(":", -1));
        if (name.startsWith(ACCOUNT_PREFIX) && words.size() == 4 && groups.isEmpty()) {
            return serviceAccount(words.get(2), words.get(3), "");
        }
        return certified(name, groups);
    }

    static User serviceAccount(String namespace, String name, String uid) {
        return new User(
                ACCOUNT_PREFIX + namespace + ":" + name,
                uid,
                List.of(
                        "system:serviceaccounts",
                        "system:serviceaccounts:" + namespace,
                        AUTHENTICATED));
    }
}
