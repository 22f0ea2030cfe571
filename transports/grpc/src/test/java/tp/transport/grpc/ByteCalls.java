package tp.transport.grpc;

import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Calls of grpc-java's whose messages are the bytes of protobuf, without its library. */
final class ByteCalls {

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

    private ByteCalls() {}

    static MethodDescriptor<byte[], byte[]> unary(String name) {
        return method(MethodDescriptor.MethodType.UNARY, name);
    }

    static MethodDescriptor<byte[], byte[]> streaming(String name) {
        return method(MethodDescriptor.MethodType.BIDI_STREAMING, name);
    }

    static MethodDescriptor<byte[], byte[]> watching(String name) {
        return method(MethodDescriptor.MethodType.SERVER_STREAMING, name);
    }

    private static MethodDescriptor<byte[], byte[]> method(
            MethodDescriptor.MethodType type, String name) {
        return MethodDescriptor.newBuilder(AS_THEY_ARE, AS_THEY_ARE)
                .setType(type)
                .setFullMethodName(name)
                .build();
    }

    /** A message of {@code Chunk}, or any other whose field 1 is bytes or text. */
    static byte[] chunk(byte[] data) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.write(0x0a);
        int left = data.length;
        for (; left > 0x7f; left >>>= 7) {
            message.write((left & 0x7f) | 0x80);
        }
        message.write(left);
        message.writeBytes(data);
        return message.toByteArray();
    }

    static byte[] chunk(String data) {
        return chunk(data.getBytes(StandardCharsets.UTF_8));
    }

    /** The data of a message that has nothing else. */
    static byte[] dataOf(byte[] message) {
        int start = 1;
        while (message[start] < 0) {
            start++;
        }
        return Arrays.copyOfRange(message, start + 1, message.length);
    }
}
