package tp.packet;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * An address as two longs, so that one table and one code path serve both families. An IPv4 address
 * is written as its IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2); such an address is illegal on the
 * wire of IPv6 and {@link IpPacket} refuses it there, so the two can never be confused.
 */
public final class IpAddress {

    private static final long MAPPED = 0xffff_0000_0000L;

    private IpAddress() {}

    public static long high(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 4 ? 0 : bits(bytes, 0, 8);
    }

    public static long low(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 4 ? MAPPED | bits(bytes, 0, 4) : bits(bytes, 8, 8);
    }

    /** {@return the low half of an IPv4 address; its high half is zero} */
    public static long ofIpv4(int address) {
        return MAPPED | (address & 0xffff_ffffL);
    }

    public static boolean isIpv4(long high, long low) {
        return high == 0 && (low >>> 32) == 0xffff;
    }

    public static InetAddress toInetAddress(long high, long low) {
        boolean ipv4 = isIpv4(high, low);
        byte[] bytes = new byte[ipv4 ? 4 : 16];
        for (int i = 0; i < bytes.length; i++) {
            int fromEnd = bytes.length - 1 - i;
            bytes[i] = (byte) ((fromEnd < 8 ? low : high) >>> ((fromEnd & 7) * 8));
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are an address", e);
        }
    }

    private static long bits(byte[] bytes, int from, int count) {
        long value = 0;
        for (int i = from; i < from + count; i++) {
            value = value << 8 | (bytes[i] & 0xff);
        }
        return value;
    }
}
