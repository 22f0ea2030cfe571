package tp.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicTokenHandler;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Retry (RFC 9000 §8.1.2): a client has to send back a token that went to its address, so that
 * nobody gets memory or answers for an address that is not his. A token is a time, a MAC over time,
 * address and the connection's first id, and that id.
 */
final class RetryToken implements QuicTokenHandler {

    private static final String ALGORITHM = "HmacSHA256";
    private static final int MAC_BYTES = 16;
    private static final int TIME_BYTES = 8;
    private static final int HEADER_BYTES = TIME_BYTES + MAC_BYTES;
    private static final long LIFE_NS = TimeUnit.SECONDS.toNanos(10);

    private final LongSupplier nanoClock;
    private final SecretKeySpec key;

    RetryToken(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        key = new SecretKeySpec(random, ALGORITHM);
    }

    @Override
    public boolean writeToken(ByteBuf out, ByteBuf connectionId, InetSocketAddress address) {
        byte[] id = new byte[connectionId.readableBytes()];
        connectionId.getBytes(connectionId.readerIndex(), id);
        long timeNs = nanoClock.getAsLong();
        out.writeLong(timeNs).writeBytes(mac(timeNs, address, id), 0, MAC_BYTES).writeBytes(id);
        return true;
    }

    @Override
    public int validateToken(ByteBuf token, InetSocketAddress address) {
        int length = token.readableBytes();
        if (length < HEADER_BYTES || length > maxTokenLength()) {
            return -1;
        }
        int start = token.readerIndex();
        long timeNs = token.getLong(start);
        long ageNs = nanoClock.getAsLong() - timeNs;
        byte[] mac = new byte[MAC_BYTES];
        token.getBytes(start + TIME_BYTES, mac);
        byte[] id = new byte[length - HEADER_BYTES];
        token.getBytes(start + HEADER_BYTES, id);
        boolean right =
                MessageDigest.isEqual(mac, Arrays.copyOf(mac(timeNs, address, id), MAC_BYTES));
        return right && ageNs >= 0 && ageNs <= LIFE_NS ? HEADER_BYTES : -1;
    }

    @Override
    public int maxTokenLength() {
        return HEADER_BYTES + Quic.MAX_CONN_ID_LEN;
    }

    private byte[] mac(long timeNs, InetSocketAddress address, byte[] id) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(longBytes(timeNs));
            mac.update(address.getAddress().getAddress());
            mac.update(longBytes(address.getPort()));
            return mac.doFinal(id);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    private static byte[] longBytes(long value) {
        return java.nio.ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }
}
