package tp.connector;

import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import tp.kube.ClusterTable;
import tp.kube.ClusterWatch;
import tp.kube.ManagerInfo;
import tp.kube.PodForward;
import tp.spi.transport.ClusterAccess;

/**
 * What the connector asks of a cluster, with the user's own credentials. Every method may block,
 * where it does not say otherwise.
 */
interface Cluster extends AutoCloseable {

    String context();

    String server();

    /** {@return the context's namespace} */
    String namespace();

    /** {@return whether the cluster says that it has no such namespace; false where it says not} */
    boolean lacksNamespace(String name);

    /**
     * {@return what the manager says of itself, empty where none is installed}
     *
     * @throws tp.spi.common.TpException where it is installed and not ready
     */
    Optional<ManagerInfo> manager();

    /** As {@link #manager()}, but waits for a manager that is about to start. */
    Optional<ManagerInfo> manager(Consumer<String> progress);

    /**
     * Returns when the manager is ready.
     *
     * @throws tp.spi.common.TpException where the user may not install it, or it does not start
     */
    void installManager(Consumer<String> progress);

    /** {@return a new short-lived token for that manager} */
    String clientToken(ManagerInfo manager);

    ClusterAccess access();

    /** A table that is kept up to date. */
    interface Watch {

        /** {@return how long the API server took to answer last, 0 before the first time} */
        long roundTripNs();

        /** {@return when the API server said something last, by {@link System#nanoTime}} */
        long heardAtNs();

        void close();
    }

    /** Begins to follow what those namespaces hold; does not block. */
    Watch watch(Collection<String> namespaces, ClusterWatch.Listener listener);

    /**
     * {@return the first right that the user lacks to reach pods of these namespaces, such as
     * {@code create on pods/portforward in team-a}}
     */
    Optional<String> missingToForward(Collection<String> namespaces);

    /** {@return a way to the ports of that pod, which is being opened} Does not block. */
    PodForward forward(ClusterTable.ObjectName pod, ScheduledExecutorService loop);

    @Override
    void close();
}
