package tp.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicConnectionAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The two packets by which a client proves that it is at a new address: a question with a random
 * number, and the answer with its MAC by a secret that came through the connection. They are told
 * from QUIC's by their first byte, in which QUIC version 1 sets one of the two highest bits (RFC
 * 9000 §17, RFC 9443 §2).
 */
final class AddressProof {

    static final int SECRET_BYTES = 32;
    static final int NONCE_BYTES = 16;

    private static final int MAGIC = 0x01747000;
    private static final int QUESTION = MAGIC | 1;
    private static final int ANSWER = MAGIC | 2;
    private static final int ID_BYTES = Quic.MAX_CONN_ID_LEN;
    private static final int MAC_BYTES = 16;
    private static final int QUIC_BITS = 0xc0;
    private static final String ALGORITHM = "HmacSHA256";

    private AddressProof() {}

    /** {@return whether this packet is none of QUIC's} */
    static boolean isOurs(ByteBuf packet) {
        return packet.isReadable() && (packet.getByte(packet.readerIndex()) & QUIC_BITS) == 0;
    }

    /**
     * {@return a packet no longer than any packet that it is sent for, three times (RFC 9000 §8)}
     */
    static ByteBuf question(byte[] nonce) {
        return Unpooled.buffer(Integer.BYTES + NONCE_BYTES).writeInt(QUESTION).writeBytes(nonce);
    }

    /** {@return the number in a question, null where it is none} */
    static byte @Nullable [] nonce(ByteBuf question) {
        if (question.readableBytes() != Integer.BYTES + NONCE_BYTES
                || question.getInt(question.readerIndex()) != QUESTION) {
            return null;
        }
        byte[] nonce = new byte[NONCE_BYTES];
        question.getBytes(question.readerIndex() + Integer.BYTES, nonce);
        return nonce;
    }

    /**
     * @param managersId of the connection, as the packets to the manager have it
     */
    static ByteBuf answer(byte[] managersId, byte[] secret, byte[] nonce) {
        return Unpooled.buffer(Integer.BYTES + ID_BYTES + MAC_BYTES)
                .writeInt(ANSWER)
                .writeBytes(managersId)
                .writeBytes(mac(secret, managersId, nonce));
    }

    /** {@return whose answer this is, null where it is none} */
    static @Nullable QuicConnectionAddress managersId(ByteBuf answer) {
        if (answer.readableBytes() != Integer.BYTES + ID_BYTES + MAC_BYTES
                || answer.getInt(answer.readerIndex()) != ANSWER) {
            return null;
        }
        return id(answer, Integer.BYTES);
    }

    static boolean isRight(ByteBuf answer, byte[] secret, byte[] nonce) {
        byte[] managersId = new byte[ID_BYTES];
        byte[] mac = new byte[MAC_BYTES];
        int start = answer.readerIndex() + Integer.BYTES;
        answer.getBytes(start, managersId).getBytes(start + ID_BYTES, mac);
        return MessageDigest.isEqual(mac, mac(secret, managersId, nonce));
    }

    /** {@return the connection id that stands there} */
    static QuicConnectionAddress id(ByteBuf packet, int offset) {
        byte[] id = new byte[ID_BYTES];
        packet.getBytes(packet.readerIndex() + offset, id);
        return new QuicConnectionAddress(id);
    }

    private static byte[] mac(byte[] secret, byte[] managersId, byte[] nonce) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret, ALGORITHM));
            mac.update(managersId);
            return Arrays.copyOf(mac.doFinal(nonce), MAC_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }
}
