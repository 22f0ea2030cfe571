package tp.daemon;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tp.connector.Connector;
import tp.control.ConnectSettings;
import tp.kube.KubeSettings;

/**
 * What a session was asked for, and what it took where it was asked for nothing.
 *
 * @param strategy by which this machine asks for names
 */
record SettingsInUse(ConnectSettings own, Connector connector, String strategy) {

    /** {@return the flags for which a connect asks for something else} */
    List<String> differing(ConnectSettings settings) {
        Map<String, Boolean> same = new LinkedHashMap<>();
        same.put("--kubeconfig", settings.kubeconfig().equals(own.kubeconfig()));
        same.put("--context", same(settings.context(), own.context(), connector.context()));
        // Who names none takes any.
        same.put(
                "--service-account",
                anyOr(
                        settings.account().name(),
                        own.account().name().orElse(KubeSettings.USUAL_ACCOUNT)));
        same.put(
                "--manager-namespace",
                anyOr(settings.account().managerNamespace(), connector.managerNamespace()));
        // A session without a manager is one for whoever does not say more.
        same.put("--agentless", !settings.agentless() || connector.isDirect());
        same.put(
                "--transport",
                !connector.isDirect() || anyOr(settings.transport(), connector.link().transport()));
        same.put(
                "--endpoint",
                settings.endpoints().isEmpty() || settings.endpoints().equals(own.endpoints()));
        same.put("--also-proxy", settings.outside().alsoProxy().equals(own.outside().alsoProxy()));
        same.put(
                "--never-proxy",
                settings.outside().neverProxy().equals(own.outside().neverProxy()));
        same.put("--dns", anyOr(settings.dns(), strategy));
        same.values().removeIf(Boolean::booleanValue);
        return List.copyOf(same.keySet());
    }

    private static boolean anyOr(Optional<String> asked, String inUse) {
        return asked.isEmpty() || asked.get().equals(inUse);
    }

    /** Asked for in the same words, or by the name of what is in use anyway. */
    private static boolean same(Optional<String> asked, Optional<String> own, String inUse) {
        return asked.equals(own) || asked.equals(Optional.of(inUse));
    }
}
