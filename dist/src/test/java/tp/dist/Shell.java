package tp.dist;

/** What scripts of several tests do with kubectl, on whatever cluster there is. */
final class Shell {

    /**
     * {@code copy_sample NAME NAMESPACE AS [SED]} runs a sample of the namespace {@code default}
     * once more, with its code where that is in a ConfigMap. The expression of sed changes the
     * Deployment's specification, which is JSON without spaces.
     */
    static final String COPY_SAMPLE =
            """
            copy_sample() {
                code=$(kubectl -n default get configmap tp-samples --ignore-not-found -o jsonpath='{.binaryData}')
                [ -z "$code" ] ||
                    printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"tp-samples"},"binaryData":%s}' "$code" |
                    kubectl -n "$2" create -f - >/dev/null 2>&1 || :
                spec=$(kubectl -n default get deployment "$1" -o jsonpath='{.spec}' | sed "s/\\"app\\":\\"[^\\"]*\\"/\\"app\\":\\"$3\\"/g; s/\\"periodSeconds\\":5/\\"periodSeconds\\":1/; $4")
                printf '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"%s"},"spec":%s}' "$3" "$spec" |
                    kubectl -n "$2" create -f - && kubectl -n "$2" rollout status deployment/"$3" --timeout=60s
            }
            """;

    /**
     * {@code as_account NAMESPACE NAME FILE} writes a kubeconfig for that ServiceAccount of the
     * cluster that KUBECONFIG means.
     */
    static final String AS_ACCOUNT =
            """
            as_account() {
                (umask 077; kubectl config view --raw --minify --flatten >"$3")
                kubectl --kubeconfig "$3" config set-credentials account --token="$(kubectl -n "$1" create token "$2")" >/dev/null
                kubectl --kubeconfig "$3" config set-context --current --user=account >/dev/null
            }
            """;

    private Shell() {}
}
