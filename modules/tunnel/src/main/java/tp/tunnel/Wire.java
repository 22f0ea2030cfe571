package tp.tunnel;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tp.spi.common.Cidr;

/** The fields that messages are made of. Each reader checks its bound before it takes memory. */
final class Wire {

    static final int MAX_TOKEN_BYTES = 16 * 1024;
    static final int MAX_TEXT_BYTES = 1024;
    static final int MAX_LIST = MappingRequest.MAX_NAMES;

    private Wire() {}

    static void putText(ByteBuf out, String text, int maxBytes) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, maxBytes);
        out.writeShort(length);
        out.writeBytes(bytes, 0, length);
    }

    static String text(ByteBuf in, int maxBytes) throws WireException {
        need(in, 2);
        int length = in.readUnsignedShort();
        if (length > maxBytes) {
            throw new WireException("a text of " + length + " bytes");
        }
        need(in, length);
        return in.readCharSequence(length, StandardCharsets.UTF_8).toString();
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

    static void putTexts(ByteBuf out, List<String> texts) {
        int count = Math.min(texts.size(), MAX_LIST);
        out.writeShort(count);
        for (String text : texts.subList(0, count)) {
            putText(out, text, 255);
        }
    }

    static List<String> texts(ByteBuf in) throws WireException {
        int count = count(in);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(text(in, 255));
        }
        return texts;
    }

    static int count(ByteBuf in) throws WireException {
        need(in, 2);
        int count = in.readUnsignedShort();
        if (count > MAX_LIST) {
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

    /** Offsets are counted from 0 and never reach 2^62, so that sums of two do not overflow. */
    static long offset(ByteBuf in) throws WireException {
        long offset = number(in);
        if (offset < 0 || offset >= 1L << 62) {
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
