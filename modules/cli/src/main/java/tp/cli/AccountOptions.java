package tp.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tp.control.ConnectSettings;

/** Whose rights a session has. */
final class AccountOptions {

    @Option(
            names = "--service-account",
            paramLabel = "NAME",
            description =
                    "Whose rights the session has, in the manager's namespace; else tp-client's.")
    private @Nullable String serviceAccount;

    @Option(
            names = "--manager-namespace",
            paramLabel = "NAME",
            description =
                    "Where the manager is; else tp-system, or else the namespace of the context.")
    private @Nullable String managerNamespace;

    boolean isGiven() {
        return serviceAccount != null || managerNamespace != null;
    }

    ConnectSettings.Account chosen() {
        return new ConnectSettings.Account(
                Optional.ofNullable(serviceAccount), Optional.ofNullable(managerNamespace));
    }
}
