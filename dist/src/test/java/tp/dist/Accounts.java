package tp.dist;

/** Somebody else in the cluster, for scripts of the laptop. */
final class Accounts {

    static final String SHELL =
            """
            # usage: account NAME; a service account of the namespace default, and its kubeconfig $T/NAME
            account() {
                kubectl -n default create serviceaccount $1 >/dev/null 2>&1
                token=$(kubectl -n default create token $1) || return
                kubectl config view --raw --flatten --minify >$T/$1
                KUBECONFIG=$T/$1 kubectl config set-credentials $1 --token=$token >/dev/null
                KUBECONFIG=$T/$1 kubectl config set-context --current --user=$1 >/dev/null
            }
            """;

    private Accounts() {}
}
