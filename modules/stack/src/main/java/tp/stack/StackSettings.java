package tp.stack;

import java.util.Optional;

/**
 * What a stack needs to know.
 *
 * @param ipv4 the TUN's IPv4 network
 * @param ipv6 its IPv6 network, where the host has IPv6
 * @param mtu the longest packet that the TUN is given
 * @param limits caps and times
 */
public record StackSettings(
        Optional<LocalNet> ipv4, Optional<LocalNet> ipv6, int mtu, Limits limits) {

    /** What IPv4 demands of every link (RFC 791 §3.2). */
    private static final int MIN_MTU = 68;

    public StackSettings {
        if (mtu < MIN_MTU) {
            throw new IllegalArgumentException("no device has an MTU of " + mtu);
        }
    }

    /**
     * Caps and times.
     *
     * @param maxFlows connections open or in TIME_WAIT at once; a SYN beyond is dropped, so that
     *     the application's kernel tries again
     * @param maxHeldSyns connections whose dial is not decided; beyond, likewise
     * @param timeWaitNs how long after a connection's last packet its slot stays its own: longer
     *     than the kernel's TIME_WAIT of 60 s
     */
    public record Limits(int maxFlows, int maxHeldSyns, long timeWaitNs) {

        public Limits {
            if (maxFlows < 1 || maxHeldSyns < 1 || maxHeldSyns > 65_536 || timeWaitNs < 0) {
                throw new IllegalArgumentException("limits out of range");
            }
        }

        /** {@return room for 3,700 short connections a second} */
        public static Limits standard() {
            return new Limits(262_144, 4_096, 70_000_000_000L);
        }
    }
}
