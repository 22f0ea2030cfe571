package tp.sandbox.api;

import java.util.List;

/**
 * Who makes a request.
 *
 * @param uid empty where there is none
 */
record User(String name, String uid, List<String> groups) {

    static final String MASTERS = "system:masters";
    static final String AUTHENTICATED = "system:authenticated";

    private static final String ACCOUNT_PREFIX = "system:serviceaccount:";

    static User person(String name, List<String> groups) {
        java.util.ArrayList<String> all = new java.util.ArrayList<>(groups);
        all.add(AUTHENTICATED);
        return new User(name, "", List.copyOf(all));
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
