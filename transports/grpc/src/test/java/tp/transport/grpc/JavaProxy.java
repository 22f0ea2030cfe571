package tp.transport.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.HandlerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import tp.testkit.TestIdentity;

/**
 * A proxy made of grpc-java: passes on whatever calls come, in the clear to the manager, and keeps
 * a record of the messages. It takes no more of either side than the other one takes.
 */
final class JavaProxy implements AutoCloseable {

    private static final int MAX_RECORD_BYTES = 4 << 20;

    private final ManagedChannel toManager;
    private final Server server;
    private final ByteArrayOutputStream record = new ByteArrayOutputStream(); // its own monitor

    private JavaProxy(ManagedChannel toManager, NettyServerBuilder builder) throws IOException {
        this.toManager = toManager;
        server = builder.fallbackHandlerRegistry(new Everything()).directExecutor().build().start();
    }

    /**
     * @param tls the proxy's own key, where it is to be spoken to over TLS
     */
    static JavaProxy to(InetSocketAddress manager, @Nullable TestIdentity tls) throws Exception {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(manager).usePlaintext().directExecutor().build();
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        if (tls != null) {
            builder.sslContext(
                    io.grpc.netty.GrpcSslContexts.configure(
                                    io.netty.handler.ssl.SslContextBuilder.forServer(
                                            tls.key(), tls.certificate()),
                                    io.netty.handler.ssl.SslProvider.JDK)
                            .build());
        }
        return new JavaProxy(channel, builder);
    }

    int port() {
        return server.getPort();
    }

    byte[] recorded() {
        synchronized (record) {
            return record.toByteArray();
        }
    }

    private void record(byte[] message) {
        synchronized (record) {
            if (record.size() + message.length <= MAX_RECORD_BYTES) {
                record.writeBytes(message);
            }
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
        toManager.shutdownNow();
    }

    private final class Everything extends HandlerRegistry {
        @Override
        public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
            return ServerMethodDefinition.create(ByteCalls.streaming(name), new Forward());
        }
    }

    private final class Forward implements ServerCallHandler<byte[], byte[]> {
        @Override
        public ServerCall.Listener<byte[]> startCall(
                ServerCall<byte[], byte[]> from, Metadata headers) {
            ClientCall<byte[], byte[]> to =
                    toManager.newCall(
                            ByteCalls.streaming(from.getMethodDescriptor().getFullMethodName()),
                            CallOptions.DEFAULT);
            Requests requests = new Requests(to);
            to.start(new Responses(from, requests), headers);
            requests.answering = from;
            to.request(1);
            from.request(1);
            return requests;
        }
    }

    /** Asks one side for more when the other is ready for it. */
    private final class Requests extends ServerCall.Listener<byte[]> {
        private final ClientCall<byte[], byte[]> to;
        private volatile @Nullable ServerCall<byte[], byte[]> answering;
        private boolean owed; // guarded by this

        Requests(ClientCall<byte[], byte[]> to) {
            this.to = to;
        }

        @Override
        public void onMessage(byte[] message) {
            record(message);
            to.sendMessage(message);
            synchronized (this) {
                owed = true;
            }
            more();
        }

        void more() {
            ServerCall<byte[], byte[]> from = answering;
            synchronized (this) {
                if (!owed || from == null || !to.isReady()) {
                    return;
                }
                owed = false;
            }
            from.request(1);
        }

        @Override
        public void onHalfClose() {
            to.halfClose();
        }

        @Override
        public void onCancel() {
            to.cancel("the client cancelled", null);
        }

        @Override
        public void onReady() {
            Responses responses = back;
            if (responses != null) {
                responses.more();
            }
        }

        private volatile @Nullable Responses back;
    }

    private final class Responses extends ClientCall.Listener<byte[]> {
        private final ServerCall<byte[], byte[]> from;
        private final Requests requests;
        private boolean owed; // guarded by this

        Responses(ServerCall<byte[], byte[]> from, Requests requests) {
            this.from = from;
            this.requests = requests;
            requests.back = this;
        }

        @Override
        public void onHeaders(Metadata headers) {
            from.sendHeaders(headers);
        }

        @Override
        public void onMessage(byte[] message) {
            record(message);
            from.sendMessage(message);
            synchronized (this) {
                owed = true;
            }
            more();
        }

        void more() {
            synchronized (this) {
                if (!owed || !from.isReady()) {
                    return;
                }
                owed = false;
            }
            requests.to.request(1);
        }

        @Override
        public void onReady() {
            requests.more();
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            from.close(status, trailers);
        }
    }
}
