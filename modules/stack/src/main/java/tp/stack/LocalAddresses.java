package tp.stack;

import tp.packet.IpAddress;

/** A {@link LocalNet} in the form that the packet path compares with. */
final class LocalAddresses {

    final LocalNet net;
    final long deviceHigh;
    final long deviceLow;
    final long dnsHigh;
    final long dnsLow;
    final int listenerPort;
    private final long aliasHigh;
    private final long aliasLow;
    private final int aliases;
    private final long maskHigh;
    private final long maskLow;

    LocalAddresses(LocalNet net) {
        this.net = net;
        deviceHigh = IpAddress.high(net.device());
        deviceLow = IpAddress.low(net.device());
        dnsHigh = IpAddress.high(net.dns());
        dnsLow = IpAddress.low(net.dns());
        listenerPort = net.listenerPort();
        aliasHigh = IpAddress.high(net.firstAlias());
        aliasLow = IpAddress.low(net.firstAlias());
        aliases = net.aliases();
        boolean ipv4 = IpAddress.isIpv4(deviceHigh, deviceLow);
        int prefix = net.prefixLength() + (ipv4 ? 96 : 0);
        maskHigh = prefix >= 64 ? -1 : prefix == 0 ? 0 : -1L << (64 - prefix);
        maskLow = prefix <= 64 ? 0 : -1L << (128 - prefix);
    }

    /** {@return which alias an address is, or -1} */
    int aliasIndex(long high, long low) {
        long index = low - aliasLow;
        return high == aliasHigh && index >= 0 && index < aliases ? (int) index : -1;
    }

    long aliasHigh() {
        return aliasHigh;
    }

    long aliasLow(int slot) {
        return aliasLow + LocalNet.aliasOf(slot);
    }

    boolean isDevice(long high, long low) {
        return low == deviceLow && high == deviceHigh;
    }

    boolean isDns(long high, long low) {
        return low == dnsLow && high == dnsHigh;
    }

    /** {@return whether this is an address of the TUN's network with nobody behind it} */
    boolean isVacant(long high, long low) {
        return !isDns(high, low)
                && ((high ^ deviceHigh) & maskHigh) == 0
                && ((low ^ deviceLow) & maskLow) == 0;
    }
}
