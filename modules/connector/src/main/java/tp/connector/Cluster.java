package tp.connector;

import java.util.Optional;
import java.util.function.Consumer;
import tp.kube.ManagerInfo;
import tp.spi.transport.ClusterAccess;

/**
 * What the connector asks of a cluster, with the user's own credentials. Every method may block.
 */
interface Cluster extends AutoCloseable {

    String context();

    String server();

    /** {@return the context's namespace} */
    String namespace();

    /** {@return whether the cluster says that it has no such namespace; false where it says not} */
    boolean lacksNamespace(String name);

    /** {@return what the manager says of itself, empty where none is installed} */
    Optional<ManagerInfo> manager();

    /**
     * Returns when the manager is ready.
     *
     * @throws tp.spi.common.TpException where the user may not install it, or it does not start
     */
    void installManager(Consumer<String> progress);

    /** {@return a new short-lived token for that manager} */
    String clientToken(ManagerInfo manager);

    ClusterAccess access();

    @Override
    void close();
}
