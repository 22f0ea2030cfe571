package tp.connector;

import java.util.Optional;
import java.util.function.Consumer;
import tp.kube.KubeCluster;
import tp.kube.ManagerInfo;
import tp.spi.transport.ClusterAccess;

/** A cluster behind a kubeconfig. */
record KubeLink(KubeCluster kube) implements Cluster {

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
    public void installManager(Consumer<String> progress) {
        kube.installManager(progress);
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
    public void close() {
        kube.close();
    }
}
