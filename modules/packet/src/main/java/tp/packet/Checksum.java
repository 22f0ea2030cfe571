package tp.packet;

import java.nio.ByteBuffer;

/**
 * The Internet checksum (RFC 1071): the one's complement of the one's complement sum of 16-bit
 * words. Partial sums are kept unfolded in a {@code long}, so that they can be added to each other.
 */
public final class Checksum {

    private Checksum() {}

    /**
     * {@return the unfolded sum of a range of bytes} A last odd byte counts as the high half of a
     * word (RFC 1071 §1); ranges that are summed piecewise must therefore begin at even distances.
     */
    public static long sum(ByteBuffer buffer, int offset, int length) {
        long sum = 0;
        int at = offset;
        int end = offset + length;
        // 32-bit words, because one's complement sums may be folded from any width (RFC 1071 §2 C).
        for (; at + 8 <= end; at += 8) {
            long word = buffer.getLong(at);
            sum += (word >>> 32) + (word & 0xffff_ffffL);
        }
        for (; at + 2 <= end; at += 2) {
            sum += buffer.getShort(at) & 0xffff;
        }
        return at < end ? sum + ((buffer.get(at) & 0xff) << 8) : sum;
    }

    /** {@return the 16-bit one's complement sum that an unfolded sum stands for} */
    public static int fold(long sum) {
        long folded = (sum & 0xffff_ffffL) + (sum >>> 32);
        folded = (folded & 0xffff_ffffL) + (folded >>> 32);
        folded = (folded & 0xffff) + (folded >>> 16);
        folded = (folded & 0xffff) + (folded >>> 16);
        return (int) folded;
    }

    /** {@return the checksum field's value for an unfolded sum} */
    public static int finish(long sum) {
        return ~fold(sum) & 0xffff;
    }

    /**
     * {@return the checksum after some of the summed words changed} RFC 1624 §3, equation 3: HC' =
     * ~(~HC + ~m + m'). A wrong checksum stays wrong.
     *
     * @param oldSum unfolded sum of the changed words as they were
     * @param newSum unfolded sum of the changed words as they are now
     */
    public static int update(int checksum, long oldSum, long newSum) {
        return finish((long) (~checksum & 0xffff) + (~fold(oldSum) & 0xffff) + fold(newSum));
    }

    /** {@return the unfolded sum of a 64-bit value, such as half of an IPv6 address} */
    public static long sum(long value) {
        return (value >>> 32) + (value & 0xffff_ffffL);
    }
}
