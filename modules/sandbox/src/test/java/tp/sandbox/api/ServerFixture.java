package tp.sandbox.api;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/** An API server on loopback; the ports of its pods are those of this machine's loopback. */
final class ServerFixture implements AutoCloseable {

    final ObjectStore store = new ObjectStore();
    final ApiServer server;
    volatile TokenFault tokenFault = TokenFault.NONE;

    ServerFixture() {
        server =
                ApiServer.start(
                        new ApiSettings(
                                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                                List.of("127.0.0.1", "localhost", "kubernetes.default.svc"),
                                store,
                                new Loopback(),
                                Clock.systemUTC(),
                                () -> tokenFault,
                                entry -> {}));
    }

    String url() {
        return "https://127.0.0.1:" + server.addresses().getFirst().getPort();
    }

    String kubeconfig(String user) {
        return server.kubeconfig(user, url());
    }

    KubernetesClient client(String user) {
        return clientOf(kubeconfig(user));
    }

    static KubernetesClient clientOf(String kubeconfig) {
        Config config = Config.fromKubeconfig(kubeconfig);
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    /** {@return a user's token, out of his kubeconfig} */
    String token(String user) {
        String config = kubeconfig(user);
        int at = config.indexOf("token: ") + "token: ".length();
        return config.substring(at, config.indexOf('\n', at));
    }

    /** {@return a TLS connection to the server; whose certificate it shows is not looked at} */
    Socket connect() throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Unverified()}, null);
        InetSocketAddress address = server.addresses().getFirst();
        return context.getSocketFactory().createSocket(address.getAddress(), address.getPort());
    }

    /** A pod that runs, as far as the API tells. */
    ObjectNode runningPod(String name) {
        return store.create(
                Resources.PODS,
                json(
                        """
                        {"metadata":{"name":"%s","labels":{"app":"%s"}},
                         "spec":{"nodeName":"n","containers":[{"name":"c","image":"i"}]},
                         "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}],
                          "containerStatuses":[{"name":"c","ready":true,"restartCount":0,
                            "state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}}}]}}
                        """
                                .formatted(name, name)));
    }

    static ObjectNode json(String text) {
        return (ObjectNode) new JsonMapper().readTree(text);
    }

    @Override
    public void close() {
        server.close();
    }

    private static final class Loopback implements PodAccess {

        @Override
        public SocketChannel connect(ObjectNode pod, int port) throws IOException {
            return SocketChannel.open(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        }

        @Override
        public Process exec(ObjectNode pod, String container, List<String> command)
                throws IOException {
            return new ProcessBuilder(command).start();
        }

        @Override
        public InputStream logs(ObjectNode pod, LogRequest request) {
            return new ByteArrayInputStream("a line\n".getBytes(StandardCharsets.UTF_8));
        }
    }
}
