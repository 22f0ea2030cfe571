package tp.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicConnectionAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps connections going whose client's address changes (a translator in front of it forgot the
 * flow, RFC 9000 §9.3). Stands between the manager's UDP socket and the codec; on the loop.
 *
 * <p>quiche follows a client to a new address, but loses the streams on the way: it counts packets
 * per path, so what was under way to the old address is never acknowledged there, never declared
 * lost, and never sent again. So quiche is shown each connection's first address for as long as it
 * lives, and to it a change looks like a pause in which packets were lost. What it sends there goes
 * to the client's current address. An address becomes that by {@link AddressProof}, and by a packet
 * from there after it: nobody can direct a connection's packets to a third party.
 */
final class MovedClients extends ChannelDuplexHandler {

    /** RFC 9000 §17.3: a short header is one byte of flags and the connection id. */
    private static final int FLAGS_BYTES = 1;

    private static final int LONG_HEADER = 0x80;

    /** The proven addresses that are remembered for each client, and the unproven ones. */
    private static final int MAX_ADDRESSES = 4;

    private static final long ASK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final LongSupplier nanoClock;
    private final SecureRandom random = new SecureRandom();
    private final Map<QuicConnectionAddress, Client> byManagersId = new HashMap<>();
    private final Map<QuicConnectionAddress, Client> byClientsId = new HashMap<>();

    /** First addresses of clients that are there: their packets need no look at their ids. */
    private final Map<InetSocketAddress, Integer> atHome = new HashMap<>();

    /** And of those that are elsewhere. */
    private final Map<InetSocketAddress, Integer> away = new HashMap<>();

    MovedClients(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** A question that was put to an address. */
    private static final class Asked {
        final byte[] nonce;
        final long atNs;

        Asked(byte[] nonce, long atNs) {
            this.nonce = nonce;
            this.atNs = atNs;
        }
    }

    /** One connection. */
    final class Client {
        private final QuicConnectionAddress managersId;
        private final QuicConnectionAddress clientsId;
        private final InetSocketAddress first;
        private final byte[] secret;
        private final Map<InetSocketAddress, Asked> asked = new LinkedHashMap<>();
        private final Map<InetSocketAddress, Boolean> proven = new LinkedHashMap<>();
        private InetSocketAddress current;

        private Client(
                QuicConnectionAddress managersId,
                QuicConnectionAddress clientsId,
                InetSocketAddress first,
                byte[] secret) {
            this.managersId = managersId;
            this.clientsId = clientsId;
            this.first = first;
            this.secret = secret;
            current = first;
        }

        /** The connection is over. */
        void close() {
            byManagersId.remove(managersId, this);
            byClientsId.remove(clientsId, this);
            less(current.equals(first) ? atHome : away, first);
        }

        private void moveTo(InetSocketAddress address) {
            if (!address.equals(current)) {
                less(current.equals(first) ? atHome : away, first);
                current = address;
                more(current.equals(first) ? atHome : away, first);
            }
        }

        /** {@return a question for the sender, null where none is due} */
        private @Nullable ByteBuf heardFrom(InetSocketAddress sender) {
            if (sender.equals(first) || proven.containsKey(sender)) {
                moveTo(sender);
                return null;
            }
            long nowNs = nanoClock.getAsLong();
            Asked before = asked.get(sender);
            if (before != null && nowNs - before.atNs < ASK_AGAIN_NS) {
                return null;
            }
            byte[] nonce = before == null ? new byte[AddressProof.NONCE_BYTES] : before.nonce;
            if (before == null) {
                random.nextBytes(nonce);
            }
            put(asked, sender, new Asked(nonce, nowNs));
            return AddressProof.question(nonce);
        }

        private void answered(InetSocketAddress sender, ByteBuf answer) {
            Asked question = asked.get(sender);
            if (question != null && AddressProof.isRight(answer, secret, question.nonce)) {
                asked.remove(sender);
                put(proven, sender, true);
                moveTo(sender);
            }
        }

        /** The oldest is forgotten: it may ask for its place again. */
        private static <V> void put(
                Map<InetSocketAddress, V> table, InetSocketAddress key, V value) {
            table.remove(key);
            if (table.size() >= MAX_ADDRESSES) {
                table.remove(table.keySet().iterator().next());
            }
            table.put(key, value);
        }
    }

    /**
     * A client has connected.
     *
     * @param managersId the connection's id in packets from the client
     * @param clientsId and in those to it
     * @param first where the client is
     * @param secret what the client knows too
     */
    Client connected(
            QuicConnectionAddress managersId,
            QuicConnectionAddress clientsId,
            InetSocketAddress first,
            byte[] secret) {
        Client client = new Client(managersId, clientsId, first, secret);
        byManagersId.put(managersId, client);
        byClientsId.put(clientsId, client);
        more(atHome, first);
        return client;
    }

    private static void more(Map<InetSocketAddress, Integer> table, InetSocketAddress address) {
        table.merge(address, 1, Integer::sum);
    }

    private static void less(Map<InetSocketAddress, Integer> table, InetSocketAddress address) {
        table.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof DatagramPacket packet)) {
            ctx.fireChannelRead(message);
        } else if (AddressProof.isOurs(packet.content())) {
            answered(packet);
            packet.release();
        } else {
            ctx.fireChannelRead(shown(ctx, packet));
        }
    }

    private void answered(DatagramPacket packet) {
        QuicConnectionAddress id = AddressProof.managersId(packet.content());
        Client client = id == null ? null : byManagersId.get(id);
        if (client != null) {
            client.answered(packet.sender(), packet.content());
        }
    }

    private DatagramPacket shown(ChannelHandlerContext ctx, DatagramPacket packet) {
        InetSocketAddress sender = packet.sender();
        Client client = atHome.containsKey(sender) ? null : find(byManagersId, packet.content());
        if (client == null) {
            return packet;
        }
        ByteBuf question = client.heardFrom(sender);
        if (question != null) {
            ctx.writeAndFlush(new DatagramPacket(question, sender));
        }
        return new DatagramPacket(packet.content(), packet.recipient(), client.first);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof DatagramPacket packet && away.containsKey(packet.recipient())) {
            Client client = find(byClientsId, packet.content());
            if (client != null && packet.recipient().equals(client.first)) {
                ctx.write(Segments.to(client.current, packet), promise);
                return;
            }
        }
        ctx.write(message, promise);
    }

    /** Long headers come before the address may change (RFC 9000 §9: after the handshake). */
    private static @Nullable Client find(Map<QuicConnectionAddress, Client> table, ByteBuf packet) {
        if (packet.readableBytes() < FLAGS_BYTES + Quic.MAX_CONN_ID_LEN
                || (packet.getByte(packet.readerIndex()) & LONG_HEADER) != 0) {
            return null;
        }
        return table.get(AddressProof.id(packet, FLAGS_BYTES));
    }
}
