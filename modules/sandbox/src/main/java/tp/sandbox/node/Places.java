package tp.sandbox.node;

import java.nio.file.Path;

/**
 * Where things are inside the sandbox. {@code /run} is a tmpfs of the sandbox's own mount
 * namespace, so nothing here outlives it.
 */
public final class Places {

    public static final Path ROOT = Path.of("/run/tp-sandbox");

    /** The kubeconfig of the laptop's user. */
    public static final Path KUBECONFIG = ROOT.resolve("kubeconfig");

    /** The process id, inside the sandbox, of the process that holds the laptop's namespaces. */
    public static final Path LAPTOP_PID = ROOT.resolve("laptop.pid");

    /** What the laptop's user keeps: logs, caches, sockets. */
    public static final Path LAPTOP_STATE = ROOT.resolve("laptop");

    /** Exists as soon as all sample pods are ready; says what runs. */
    public static final Path READY = ROOT.resolve("ready");

    /** What the cluster's DNS does wrong at the moment; missing where it does nothing wrong. */
    public static final Path DNS_FAULT = ROOT.resolve("dns-fault");

    /** By how many seconds the API server's time is wrong; missing where it is right. */
    public static final Path CLOCK_FAULT = ROOT.resolve("clock-fault");

    /** What becomes of tokens; missing where they are judged by what they say. */
    public static final Path TOKENS_FAULT = ROOT.resolve("tokens-fault");

    /** What the node is to do once: each file is one order, and gone when it is obeyed. */
    public static final Path ORDERS = ROOT.resolve("orders");

    /** What the node had to say since it is up. */
    static final Path LOG = ROOT.resolve("node.log");

    /** Who asked the API server for what. */
    static final Path AUDIT = ROOT.resolve("audit.log");

    static final Path SCRIPTS = ROOT.resolve("bin");
    static final Path PODS = ROOT.resolve("pods");
    static final Path TEMPORARY = ROOT.resolve("tmp");

    private Places() {}
}
