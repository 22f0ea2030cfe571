package tp.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayOutputStream;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** gRPC's own client finds in the manager what gRPC promises, in the clear and over TLS. */
@Timeout(60)
class GrpcJavaTest {

    private static final byte[] SERVING = {8, 1};
    private static final byte[] SERVICE_UNKNOWN = {8, 3};

    private static Manager manager;

    @BeforeAll
    static void start() throws Exception {
        manager = new Manager();
    }

    @AfterAll
    static void stop() {
        manager.close();
    }

    private static final class Client implements AutoCloseable {
        final ManagedChannel channel;

        Client(boolean tls) throws Exception {
            NettyChannelBuilder builder = NettyChannelBuilder.forAddress(manager.address());
            if (tls) {
                builder.sslContext(
                        GrpcSslContexts.configure(
                                        io.netty.handler.ssl.SslContextBuilder.forClient(),
                                        SslProvider.JDK)
                                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                                .endpointIdentificationAlgorithm("")
                                .build());
            } else {
                builder.usePlaintext();
            }
            channel = builder.build();
        }

        @Override
        public void close() {
            channel.shutdownNow();
        }
    }

    @ParameterizedTest(name = "TLS {0}")
    @ValueSource(booleans = {true, false})
    void healthIsAnsweredToAnybody(boolean tls) throws Exception {
        try (Client client = new Client(tls)) {
            assertThat(check(client, "")).isEqualTo(SERVING);
            assertThat(check(client, "tp.v1.Tunnel")).isEqualTo(SERVING);
            assertThatThrownBy(() -> check(client, "other"))
                    .hasMessage("NOT_FOUND: no such service");
        }
    }

    private static byte[] check(Client client, String service) {
        return ClientCalls.blockingUnaryCall(
                client.channel,
                ByteCalls.unary("grpc.health.v1.Health/Check"),
                CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                ByteCalls.chunk(service));
    }

    @ParameterizedTest(name = "TLS {0}")
    @ValueSource(booleans = {true, false})
    void whoWatchesIsAnsweredOnceAndStaysThere(boolean tls) throws Exception {
        try (Client client = new Client(tls)) {
            Iterator<byte[]> states =
                    ClientCalls.blockingServerStreamingCall(
                            client.channel,
                            ByteCalls.watching("grpc.health.v1.Health/Watch"),
                            CallOptions.DEFAULT.withDeadlineAfter(3, TimeUnit.SECONDS),
                            ByteCalls.chunk("unknown"));

            assertThat(states.next()).isEqualTo(SERVICE_UNKNOWN);
            assertThatThrownBy(states::hasNext).hasMessageContaining("DEADLINE_EXCEEDED");
        }
    }

    @ParameterizedTest(name = "TLS {0}")
    @ValueSource(booleans = {true, false})
    void bytesOfAPipeComeThroughHoweverTheyAreCut(boolean tls) throws Exception {
        try (Client client = new Client(tls)) {
            Call call = new Call(client, "tp.v1.Tunnel/Pipe", CallOptions.DEFAULT);
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            for (int size : List.of(0, 1, 127, 128, 16_383, 16_384, 100_000, 250_000)) {
                byte[] data = new byte[size];
                new java.util.Random(size).nextBytes(data);
                sent.writeBytes(data);
                call.requests.onNext(ByteCalls.chunk(data));
            }
            ByteArrayOutputStream came = new ByteArrayOutputStream();
            while (came.size() < sent.size()) {
                came.writeBytes(call.data());
            }
            call.requests.onCompleted();

            assertThat(came.toByteArray()).isEqualTo(sent.toByteArray());
            assertThat(call.end().getCode()).isEqualTo(Status.Code.OK);
        }
    }

    static Stream<Arguments> wrongMessages() {
        byte[] small = ByteCalls.chunk("x");
        return Stream.of(
                Arguments.of("unknown fields", fields(0x10, 1, 0x1d, 1, 2, 3, 4, 0x0a, 1, 7), "OK"),
                Arguments.of("no field", new byte[0], "OK"),
                Arguments.of(
                        "too long",
                        ByteCalls.chunk(new byte[300_000]),
                        "RESOURCE_EXHAUSTED: a message is longer than 262144 bytes"),
                Arguments.of(
                        "data twice",
                        fields(0x0a, 1, 7, 0x0a, 1, 7),
                        "INVALID_ARGUMENT: no message of Chunk: a message has its data twice"),
                Arguments.of(
                        "a length beyond the end",
                        fields(0x0a, 100, 7),
                        "INVALID_ARGUMENT: no message of Chunk: a field is longer than its message"),
                Arguments.of(
                        "no number",
                        fields(0x02, 1),
                        "INVALID_ARGUMENT: no message of Chunk: a field without a number"),
                Arguments.of(
                        "an endless number",
                        fields(0xff, 0xff),
                        "INVALID_ARGUMENT: no message of Chunk: a message ends within a number"),
                Arguments.of(
                        "compressed", small, "UNIMPLEMENTED: compressed messages are not taken"));
    }

    private static byte[] fields(int... octets) {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        return bytes;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongMessages")
    void aWrongMessageEndsTheCallWithAReason(String name, byte[] message, String end)
            throws Exception {
        try (Client client = new Client(true)) {
            CallOptions options =
                    name.equals("compressed")
                            ? CallOptions.DEFAULT.withCompression("gzip")
                            : CallOptions.DEFAULT;
            Call call = new Call(client, "tp.v1.Tunnel/Pipe", options);
            call.requests.onNext(message);
            if (end.equals("OK")) {
                call.requests.onCompleted();
            }

            Status status = call.end();
            String description = status.getDescription();
            assertThat(status.getCode() + (description == null ? "" : ": " + description))
                    .isEqualTo(end);
            assertThat(check(client, "")).isEqualTo(SERVING);
        }
    }

    @ParameterizedTest(name = "{1}, TLS {0}")
    @org.junit.jupiter.params.provider.CsvSource({
        "true, tp.v1.Tunnel/Other, UNIMPLEMENTED",
        "false, other/Method, UNIMPLEMENTED",
        "false, tp.v1.Tunnel/Stream, FAILED_PRECONDITION",
    })
    void otherCallsAreRefused(boolean tls, String method, String code) throws Exception {
        try (Client client = new Client(tls)) {
            Call call = new Call(client, method, CallOptions.DEFAULT);

            assertThat(call.end().getCode()).hasToString(code);
        }
    }

    /** One call of grpc-java's, its answers waited for. */
    private static final class Call implements StreamObserver<byte[]> {
        final StreamObserver<byte[]> requests;
        private final BlockingQueue<Object> came = new ArrayBlockingQueue<>(1000);

        Call(Client client, String method, CallOptions options) {
            requests =
                    ClientCalls.asyncBidiStreamingCall(
                            client.channel.newCall(ByteCalls.streaming(method), options), this);
        }

        @Override
        public void onNext(byte[] message) {
            came.add(message);
        }

        @Override
        public void onError(Throwable error) {
            came.add(((StatusRuntimeException) error).getStatus());
        }

        @Override
        public void onCompleted() {
            came.add(Status.OK);
        }

        private Object take() throws InterruptedException {
            Object next = came.poll(20, TimeUnit.SECONDS);
            assertThat(next).as("an answer in time").isNotNull();
            return next;
        }

        byte[] data() throws InterruptedException {
            Object next = take();
            assertThat(next).isInstanceOf(byte[].class);
            return ByteCalls.dataOf((byte[]) next);
        }

        /** {@return how it ended} What comes before is passed over. */
        Status end() throws InterruptedException {
            Object next = take();
            while (!(next instanceof Status)) {
                next = take();
            }
            return (Status) next;
        }
    }
}
