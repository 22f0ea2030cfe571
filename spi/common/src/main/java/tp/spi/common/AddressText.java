package tp.spi.common;

import java.net.InetAddress;

/** Addresses as people and Kubernetes write them; Java writes out every zero of IPv6. */
public final class AddressText {

    private static final int GROUPS = 8;

    private AddressText() {}

    /** {@return the address in the form of RFC 5952 §4, without a zone} */
    public static String of(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length != 2 * GROUPS) {
            return address.getHostAddress();
        }
        int[] groups = new int[GROUPS];
        for (int i = 0; i < GROUPS; i++) {
            groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
        }
        // §4.2.2 and §4.2.3: the longest run of zeros, the first of equals, never a single one.
        int start = 0;
        int length = 1;
        for (int i = 0; i < GROUPS; i++) {
            int run = zerosAt(groups, i);
            if (run > length) {
                start = i;
                length = run;
            }
        }
        return length == 1
                ? joined(groups, 0, GROUPS)
                : joined(groups, 0, start) + "::" + joined(groups, start + length, GROUPS);
    }

    private static int zerosAt(int[] groups, int start) {
        int end = start;
        while (end < GROUPS && groups[end] == 0) {
            end++;
        }
        return end - start;
    }

    private static String joined(int[] groups, int from, int to) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.append(i > from ? ":" : "").append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}
