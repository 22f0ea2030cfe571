package tp.stack;

/**
 * Reasons of "destination unreachable" with their codes (RFC 792, RFC 1812 §5.2.7.1, RFC 4443
 * §3.1).
 */
public enum Unreachable {
    NETWORK(0, 0),
    HOST(1, 3),
    PORT(3, 4),
    PROHIBITED(13, 1);

    private final int code;
    private final int v6Code;

    Unreachable(int code, int v6Code) {
        this.code = code;
        this.v6Code = v6Code;
    }

    int code(boolean ipv4) {
        return ipv4 ? code : v6Code;
    }
}
