package tp.control;

import java.util.Optional;

/** What the command line asks of the daemon. */
public sealed interface Request extends Message {

    /** Connect, or say that this is done already. Replied by {@link Reply.Connected}. */
    record Connect(ConnectSettings settings) implements Request {}

    /** Replied by {@link Reply.Status}. */
    record Status() implements Request {}

    /** Replied by {@link Reply.Flows}, several of them where there are many. */
    record Flows() implements Request {}

    /**
     * End the session, restore the host, stop helper and daemon. Replied by {@link Reply.Done} when
     * the host is as it was; the socket closes when the daemon is gone.
     */
    record Quit() implements Request {}

    /** Replied by {@link Reply.Plugins}. */
    record Plugins() implements Request {}

    /**
     * Names without a dot are looked for in that namespace too, until {@link Leave}. Replied by
     * {@link Reply.Intercepted}.
     *
     * @param name of a workload, which need not exist
     * @param namespace empty: that of the kubeconfig's context
     */
    record Intercept(String name, Optional<String> namespace) implements Request {}

    /** Ends an intercept. Replied by {@link Reply.Done}. */
    record Leave(String name) implements Request {}

    /**
     * Try all that a connect with those settings needs, and change nothing that stays. Replied by
     * {@link Reply.Examined}.
     */
    record Examine(ConnectSettings settings) implements Request {}
}
