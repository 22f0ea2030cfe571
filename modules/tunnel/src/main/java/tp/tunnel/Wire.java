package tp.tunnel;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tp.spi.common.Cidr;

/** The fields that messages are made of. Each reader checks its bound before it takes memory. */
final class Wire {

    static final int MAX_TOKEN_BYTES = 16 * 1024;
    static final int MAX_TEXT_BYTES = 1024;

    /** So that sums of two do not overflow. */
    static final long MAX_OFFSET = (1L << 62) - 1;

    static final int MAX_LIST = MappingRequest.MAX_NAMES;

    private Wire() {}

    /** A text that is too long is cut, between two characters: what is left is a text. */
    static void putText(ByteBuf out, String text, int maxBytes) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, maxBytes);
        while (length < bytes.length && isWithinCharacter(bytes[length])) {
            length--;
        }
        out.writeShort(length);
        out.writeBytes(bytes, 0, length);
    }

    /** RFC 3629 §3: bytes of a character after its first. */
    private static boolean isWithinCharacter(byte octet) {
        return (octet & 0xc0) == 0x80;
    }

    static String text(ByteBuf in, int maxBytes) throws WireException {
        need(in, 2);
        int length = in.readUnsignedShort();
        if (length > maxBytes) {
            throw new WireException("a text of " + length + " bytes");
        }
        need(in, length);
        ByteBuffer utf8 = in.nioBuffer(in.readerIndex(), length);
        in.skipBytes(length);
        try {
            // Not one that puts something else in the place of what it cannot read.
            return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
        } catch (CharacterCodingException e) {
            throw new WireException("a text that is not UTF-8");
        }
    }

    static void putAddress(ByteBuf out, InetAddress address) {
        byte[] bytes = address.getAddress();
        out.writeByte(bytes.length);
        out.writeBytes(bytes);
    }

    static InetAddress address(ByteBuf in) throws WireException {
        need(in, 1);
        int length = in.readUnsignedByte();
        if (length != 4 && length != 16) {
            throw new WireException("an address of " + length + " bytes");
        }
        need(in, length);
        byte[] bytes = new byte[length];
        in.readBytes(bytes);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new WireException("no address");
        }
    }

    static void putTarget(ByteBuf out, InetSocketAddress target) {
        putAddress(out, target.getAddress());
        out.writeShort(target.getPort());
    }

    static InetSocketAddress target(ByteBuf in) throws WireException {
        InetAddress address = address(in);
        need(in, 2);
        return new InetSocketAddress(address, in.readUnsignedShort());
    }

    static void putCidrs(ByteBuf out, List<Cidr> ranges) {
        int count = Math.min(ranges.size(), MAX_LIST);
        out.writeShort(count);
        for (Cidr range : ranges.subList(0, count)) {
            putAddress(out, range.network());
            out.writeByte(range.prefixLength());
        }
    }

    static List<Cidr> cidrs(ByteBuf in) throws WireException {
        int count = count(in);
        List<Cidr> ranges = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            InetAddress network = address(in);
            need(in, 1);
            int prefix = in.readUnsignedByte();
            if (prefix > network.getAddress().length * 8) {
                throw new WireException("a prefix of " + prefix);
            }
            ranges.add(new Cidr(network, prefix));
        }
        return ranges;
    }

    static void putTexts(ByteBuf out, List<String> texts, int most) {
        int count = Math.min(texts.size(), most);
        out.writeShort(count);
        for (String text : texts.subList(0, count)) {
            putText(out, text, 255);
        }
    }

    static List<String> texts(ByteBuf in, int most) throws WireException {
        int count = count(in, most);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(text(in, 255));
        }
        return texts;
    }

    static int count(ByteBuf in) throws WireException {
        return count(in, MAX_LIST);
    }

    static int count(ByteBuf in, int most) throws WireException {
        need(in, 2);
        int count = in.readUnsignedShort();
        if (count > most) {
            throw new WireException("a list of " + count);
        }
        return count;
    }

    static DialOutcome outcome(ByteBuf in) throws WireException {
        need(in, 1);
        int number = in.readUnsignedByte();
        DialOutcome[] known = DialOutcome.values();
        if (number >= known.length) {
            throw new WireException("outcome " + number);
        }
        return known[number];
    }

    static int sequence(ByteBuf in) throws WireException {
        need(in, 2);
        return in.readUnsignedShort();
    }

    static EchoFailure failure(ByteBuf in) throws WireException {
        need(in, 1);
        int number = in.readUnsignedByte();
        EchoFailure[] known = EchoFailure.values();
        if (number >= known.length) {
            throw new WireException("failure " + number);
        }
        return known[number];
    }

    /** Offsets are counted from 0. */
    static long offset(ByteBuf in) throws WireException {
        long offset = number(in);
        if (offset < 0 || offset > MAX_OFFSET) {
            throw new WireException("offset " + offset);
        }
        return offset;
    }

    static long number(ByteBuf in) throws WireException {
        need(in, 8);
        return in.readLong();
    }

    static byte[] rest(ByteBuf in) {
        byte[] bytes = new byte[in.readableBytes()];
        in.readBytes(bytes);
        return bytes;
    }

    static void need(ByteBuf in, int bytes) throws WireException {
        if (in.readableBytes() < bytes) {
            throw new WireException("a message that ends early");
        }
    }
}
