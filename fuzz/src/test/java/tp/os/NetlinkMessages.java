package tp.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import tp.fuzz.Bytes;
import tp.fuzz.Promise;
import tp.fuzz.Target;

/** What the kernel tells of devices, addresses and routes (netlink(7), rtnetlink(7)). */
public final class NetlinkMessages implements Target {

    private static final int HEADER_BYTES = 16;
    private static final int MOST_BODY_BYTES = 16;

    @Override
    public void take(byte[] input) {
        ByteBuffer messages = ByteBuffer.wrap(input).order(ByteOrder.nativeOrder());
        try {
            while (messages.remaining() >= HEADER_BYTES) {
                int before = messages.remaining();
                ByteBuffer message = NetlinkSocket.next("a test", messages);
                Promise.kept(messages.remaining() < before, "each message leads on");
                entry(message);
            }
        } catch (IOException e) {
            // No message.
        }
    }

    private static void entry(ByteBuffer message) {
        message.position(HEADER_BYTES);
        ByteBuffer body = message.slice().order(message.order());
        if (body.limit() < MOST_BODY_BYTES) {
            return;
        }
        NetworkLink link = NetworkConfiguration.link(body);
        Promise.kept(link.name().indexOf('\0') < 0, "a name is text");
        Optional<LinkAddress> address = NetworkConfiguration.address(body);
        Optional<Route> route = NetworkConfiguration.route(body);
        Promise.kept(
                address.isEmpty() || !address.get().toString().isEmpty(), "an address is text");
        Promise.kept(
                route.isEmpty() || route.get().destination().prefixLength() >= 0,
                "a route leads somewhere");
    }

    @Override
    public List<byte[]> seeds() {
        byte[] link = attribute(3, new byte[] {'t', 'p', '0', 0});
        byte[] mtu = attribute(4, new byte[] {0, 6, 0, 0});
        byte[] local = attribute(2, new byte[] {100, 127, 0, 1});
        byte[] destination = attribute(1, new byte[] {10, 96, 0, 0});
        byte[] out = attribute(4, new byte[] {7, 0, 0, 0});
        return List.of(
                message(new byte[16], link, mtu),
                message(new byte[] {2, 24, 0, 0, 7, 0, 0, 0}, local, new byte[8]),
                message(
                        new byte[] {2, 16, 0, 0, (byte) 254, 3, 0, 1, 0, 0, 0, 0},
                        destination,
                        out),
                new Bytes()
                        .raw(message(new byte[16], link, mtu))
                        .raw(message(new byte[16], link, mtu))
                        .array());
    }

    private static byte[] attribute(int type, byte[] value) {
        ByteBuffer attribute = ByteBuffer.allocate(4 + value.length).order(ByteOrder.nativeOrder());
        attribute.putShort((short) (4 + value.length)).putShort((short) type);
        return attribute.put(value).array();
    }

    private static byte[] message(byte[] fields, byte[] one, byte[] other) {
        int length = HEADER_BYTES + fields.length + one.length + other.length;
        ByteBuffer message = ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
        message.putInt(length).putShort((short) 16).position(HEADER_BYTES);
        return message.put(fields).put(one).put(other).array();
    }

    /** A buffer for each attribute of four bytes, three times over. */
    @Override
    public long capBytes(int inputBytes) {
        return 32 * 1024 + 512L * inputBytes;
    }
}
