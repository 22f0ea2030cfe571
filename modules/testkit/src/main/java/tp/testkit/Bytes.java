package tp.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;

/** Reproducible bytes on their way through a channel, and their hash. */
final class Bytes {

    private static final int MOST_AT_ONCE = 100_000;

    private Bytes() {}

    /** {@return the hash of what was written: that many bytes, in chunks of many sizes} */
    static String write(WritableByteChannel target, long seed, long bytes) throws IOException {
        var random = new Random(seed);
        MessageDigest hash = hash();
        for (long left = bytes; left > 0; ) {
            byte[] chunk = new byte[(int) Math.min(left, 1 + random.nextInt(MOST_AT_ONCE))];
            random.nextBytes(chunk);
            hash.update(chunk);
            ByteBuffer source = random.nextBoolean() ? direct(chunk) : inTheMiddle(chunk);
            while (source.hasRemaining()) {
                target.write(source);
            }
            left -= chunk.length;
        }
        return HexFormat.of().formatHex(hash.digest());
    }

    /** {@return the hash of the next bytes of a channel} */
    static String read(ReadableByteChannel source, long bytes) throws IOException {
        var random = new Random(bytes);
        MessageDigest hash = hash();
        for (long left = bytes; left > 0; ) {
            int size = (int) Math.min(left, 1 + random.nextInt(MOST_AT_ONCE));
            ByteBuffer target =
                    random.nextBoolean()
                            ? ByteBuffer.allocateDirect(size)
                            : inTheMiddle(new byte[size]);
            target.mark();
            int count = source.read(target);
            if (count < 0) {
                throw new IOException("the stream ended " + left + " bytes early");
            }
            ByteBuffer got = target.duplicate().limit(target.position());
            got.reset();
            if (got.remaining() != count) {
                throw new IOException("read returned " + count + ", filled " + got.remaining());
            }
            hash.update(got);
            left -= count;
        }
        return HexFormat.of().formatHex(hash.digest());
    }

    private static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    /** A buffer whose array is larger on both sides, to find code that takes the whole array. */
    private static ByteBuffer inTheMiddle(byte[] bytes) {
        return ByteBuffer.allocate(bytes.length + 14)
                .position(7)
                .put(bytes)
                .position(7)
                .limit(7 + bytes.length)
                .slice(7, bytes.length);
    }

    private static MessageDigest hash() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
