package tp.os;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Builds one netlink message (RFC 3549 §2.2): a header, a family's own fixed header, attributes.
 * All in the machine's byte order, aligned to 4 bytes.
 */
final class NetlinkRequest {

    static final int HEADER_BYTES = 16;
    static final short REQUEST = 0x1;
    static final short ACK = 0x4;
    static final short DUMP = 0x300;
    static final short CREATE_EXCLUSIVELY = 0x600;

    private static final int MAX_BYTES = 1024;
    private static final int NESTED = 0x8000;

    private final ByteBuffer bytes = LinuxLibrary.memory(MAX_BYTES);

    NetlinkRequest(int type, int flags) {
        bytes.putInt(0).putShort((short) type).putShort((short) (REQUEST | flags));
        bytes.putInt(0).putInt(0);
    }

    NetlinkRequest byteField(int value) {
        bytes.put((byte) value);
        return this;
    }

    NetlinkRequest intField(int value) {
        bytes.putInt(value);
        return this;
    }

    NetlinkRequest fields(ByteBuffer source) {
        bytes.put(source);
        return this;
    }

    NetlinkRequest attribute(int type, int value) {
        bytes.putShort((short) 8).putShort((short) type).putInt(value);
        return this;
    }

    NetlinkRequest attribute(int type, InetAddress address) {
        return attribute(type, address.getAddress());
    }

    NetlinkRequest attribute(int type, String text) {
        return attribute(type, (text + "\0").getBytes(US_ASCII));
    }

    NetlinkRequest attribute(int type, byte[] value) {
        bytes.putShort((short) (4 + value.length)).putShort((short) type).put(value);
        while (bytes.position() % 4 != 0) {
            bytes.put((byte) 0);
        }
        return this;
    }

    /** Attributes inside attributes, the innermost one last. */
    NetlinkRequest nested(int outer, int middle, int inner, byte value) {
        bytes.putShort((short) 16).putShort((short) (outer | NESTED));
        bytes.putShort((short) 12).putShort((short) (middle | NESTED));
        return attribute(inner, new byte[] {value});
    }

    /** {@return the whole message, to be sent} */
    ByteBuffer message(int sequence) {
        bytes.putInt(0, bytes.position()).putInt(8, sequence);
        return bytes.duplicate().order(bytes.order()).flip();
    }
}
