package tp.stack;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import tp.packet.Ipv4Header;
import tp.packet.Ipv6Header;

/** Cuts packets into fragments and puts them together, as simply as it can be said. */
final class Pieces {

    private Pieces() {}

    /** {@return one fragment of a packet} What lies beyond the packet's end is zeros. */
    static ByteBuffer piece(ByteBuffer packet, int id, int at, int count, boolean more) {
        int start = packet.position();
        boolean ipv4 = packet.get(start) >> 4 == 4;
        int header = ipv4 ? Ipv4Header.MIN_BYTES : Ipv6Header.BYTES;
        int headers = ipv4 ? header : header + 8;
        byte[] bytes = new byte[headers + count];
        packet.get(start, bytes, 0, header);
        int there = Math.min(count, packet.limit() - start - header - at);
        if (there > 0) {
            packet.get(start + header + at, bytes, headers, there);
        }
        ByteBuffer piece = ByteBuffer.wrap(bytes);
        if (ipv4) {
            piece.putShort(2, (short) bytes.length).putShort(4, (short) id);
            piece.putShort(6, (short) ((more ? 0x2000 : 0) | at / 8));
        } else {
            piece.putShort(4, (short) (bytes.length - header));
            piece.put(header, piece.get(6)).put(6, (byte) 44);
            piece.putShort(header + 2, (short) (at | (more ? 1 : 0))).putInt(header + 4, id);
        }
        return piece;
    }

    /** {@return all of a packet, cut at random} Few pieces or very many. */
    static List<ByteBuffer> cut(SplittableRandom random, ByteBuffer packet, int id) {
        boolean ipv4 = packet.get(packet.position()) >> 4 == 4;
        int all = packet.remaining() - (ipv4 ? Ipv4Header.MIN_BYTES : Ipv6Header.BYTES);
        int most = random.nextInt(8) == 0 ? 3 : 2 + all / 8 / (1 + random.nextInt(30));
        List<ByteBuffer> pieces = new ArrayList<>();
        int count;
        for (int at = 0; at < all; at += count) {
            count = Math.min(8 * random.nextInt(1, most), all - at);
            pieces.add(piece(packet, id, at, count, at + count < all));
        }
        return pieces;
    }

    /** {@return the packet that fragments are of, which are complete and in order or not} */
    static ByteBuffer join(List<ByteBuffer> pieces) {
        Map<Integer, byte[]> parts = new TreeMap<>();
        boolean ipv4 = pieces.getFirst().get(0) >> 4 == 4;
        int header = ipv4 ? Ipv4Header.MIN_BYTES : Ipv6Header.BYTES;
        int headers = ipv4 ? header : header + 8;
        for (ByteBuffer piece : pieces) {
            byte[] part = new byte[piece.limit() - headers];
            piece.get(headers, part);
            int at = ipv4 ? (piece.getShort(6) & 0x1fff) * 8 : piece.getShort(header + 2) & 0xfff8;
            parts.put(at, part);
        }
        int all = parts.values().stream().mapToInt(part -> part.length).sum();
        ByteBuffer packet = ByteBuffer.allocate(header + all);
        packet.put(0, pieces.getFirst(), 0, header);
        parts.forEach((at, part) -> packet.put(header + at, part));
        if (ipv4) {
            Ipv4Header.writeFragment(packet, 0, header + all, 0, 0, false);
        } else {
            packet.putShort(4, (short) all).put(6, pieces.getFirst().get(header));
        }
        return packet;
    }
}
