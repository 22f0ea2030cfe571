package tp.connector;

import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import tp.kube.ClusterTable;
import tp.kube.ClusterWatch;
import tp.kube.Delivery;
import tp.kube.KubeCluster;
import tp.kube.ManagerInfo;
import tp.kube.PodForward;
import tp.spi.transport.ClusterAccess;

/**
 * A cluster behind a kubeconfig.
 *
 * @param delivery how the manager's code comes there where it is missing; empty for whoever looks
 *     at a manager that is there
 */
record KubeLink(KubeCluster kube, Optional<Delivery> delivery) implements Cluster {

    @Override
    public String context() {
        return kube.context();
    }

    @Override
    public String server() {
        return kube.server();
    }

    @Override
    public String namespace() {
        return kube.namespace();
    }

    @Override
    public boolean lacksNamespace(String name) {
        return kube.lacksNamespace(name);
    }

    @Override
    public Optional<ManagerInfo> manager() {
        return kube.manager();
    }

    @Override
    public Optional<ManagerInfo> manager(Consumer<String> progress) {
        return kube.manager(progress);
    }

    @Override
    public void installManager(Consumer<String> progress) {
        kube.installManager(delivery.orElseThrow(), progress);
    }

    @Override
    public String clientToken(ManagerInfo manager) {
        return kube.clientToken(manager);
    }

    @Override
    public ClusterAccess access() {
        return kube.access();
    }

    @Override
    public Watch watch(Collection<String> namespaces, ClusterWatch.Listener listener) {
        ClusterWatch watch = kube.watch(namespaces, listener);
        return new Watch() {
            @Override
            public long roundTripNs() {
                return watch.roundTripNs();
            }

            @Override
            public long heardAtNs() {
                return watch.heardAtNs();
            }

            @Override
            public void close() {
                watch.close();
            }
        };
    }

    @Override
    public Optional<String> missingToForward(Collection<String> namespaces) {
        return kube.missingToForward(namespaces);
    }

    @Override
    public PodForward forward(ClusterTable.ObjectName pod, ScheduledExecutorService loop) {
        return kube.forward(pod, loop);
    }

    @Override
    public void close() {
        kube.close();
    }
}
