package tp.dist;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/** {@code HealthPeer HOST PORT}: asks by grpc-java for the health of whoever is there. */
final class HealthPeer {

    private static final MethodDescriptor.Marshaller<byte[]> AS_THEY_ARE =
            new MethodDescriptor.Marshaller<>() {
                @Override
                public InputStream stream(byte[] message) {
                    return new ByteArrayInputStream(message);
                }

                @Override
                public byte[] parse(InputStream stream) {
                    try {
                        return stream.readAllBytes();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            };

    private HealthPeer() {}

    public static void main(String[] args) {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(args[0], Integer.parseInt(args[1]))
                        .usePlaintext()
                        .build();
        try {
            byte[] answer =
                    ClientCalls.blockingUnaryCall(
                            channel,
                            MethodDescriptor.newBuilder(AS_THEY_ARE, AS_THEY_ARE)
                                    .setType(MethodDescriptor.MethodType.UNARY)
                                    .setFullMethodName("grpc.health.v1.Health/Check")
                                    .build(),
                            CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                            new byte[0]);
            // HealthCheckResponse: field 1 is 1, which is SERVING.
            System.out.println(
                    HexFormat.of().formatHex(answer).equals("0801") ? "serving" : "not serving");
        } finally {
            channel.shutdownNow();
        }
    }
}
