package tp.stack;

import tp.packet.IcmpHeader;

/**
 * Why a packet does not arrive, with the types and codes that say so (RFC 792, RFC 1812 §5.2.7.1,
 * RFC 4443 §3.1, §3.3).
 */
public enum Unreachable {
    NETWORK(0, 0),
    HOST(1, 3),
    PORT(3, 4),
    PROHIBITED(13, 1),
    /** It was on its way for too many hops: "time exceeded". */
    EXPIRED(0, 0);

    private final int code;
    private final int v6Code;

    Unreachable(int code, int v6Code) {
        this.code = code;
        this.v6Code = v6Code;
    }

    int type(boolean ipv4) {
        if (this == EXPIRED) {
            return ipv4 ? IcmpHeader.TIME_EXCEEDED : IcmpHeader.V6_TIME_EXCEEDED;
        }
        return ipv4 ? IcmpHeader.UNREACHABLE : IcmpHeader.V6_UNREACHABLE;
    }

    int code(boolean ipv4) {
        return ipv4 ? code : v6Code;
    }
}
