package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.Channel;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import tp.spi.transport.StreamLink;
import tp.tunnel.Message.Loose;

/**
 * The datagrams of UDP and echo flows, where the link has datagrams: each begins with the flow's
 * id. One that is too long goes alone on a stream of its own, so that none waits for another. On
 * the loop.
 */
final class Datagrams {

    /**
     * Streams that carry a long datagram each; while so many are open, further ones are dropped.
     */
    private static final int MAX_LOOSE = 64;

    private static final int ID_BYTES = 8;

    private final StreamLink link;
    private final Counters counters;
    private final Pulse pulse;
    private final Map<Long, Consumer<ByteBuf>> flows = new HashMap<>();
    private int loose;

    Datagrams(StreamLink link, Counters counters, Pulse pulse) {
        this.link = link;
        this.counters = counters;
        this.pulse = pulse;
    }

    boolean carried() {
        return link.maxDatagramBytes() > 0;
    }

    /**
     * From now on what comes for that flow is given to the taker, which owns it.
     *
     * @return false where the id is taken
     */
    boolean add(long flowId, Consumer<ByteBuf> taker) {
        return flows.putIfAbsent(flowId, taker) == null;
    }

    void remove(long flowId) {
        flows.remove(flowId);
    }

    /** Sends or drops; takes over the payload. */
    void send(long flowId, ByteBuf payload) {
        int length = payload.readableBytes();
        boolean sent =
                ID_BYTES + length <= link.maxDatagramBytes()
                        ? link.sendDatagram(withId(flowId, payload))
                        : sendAlone(new Loose(flowId, payload));
        if (sent) {
            pulse.sent();
            counters.bytesSent.add(length);
        } else {
            counters.datagramsDropped.increment();
        }
    }

    private static ByteBuf withId(long flowId, ByteBuf payload) {
        CompositeByteBuf whole = payload.alloc().compositeDirectBuffer(2);
        return whole.addComponents(
                true, payload.alloc().directBuffer(ID_BYTES).writeLong(flowId), payload);
    }

    private boolean sendAlone(Loose datagram) {
        if (loose >= MAX_LOOSE) {
            datagram.payload().release();
            return false;
        }
        loose++;
        link.openStream(new MessageStream(new Sent(), counters.malformed::increment))
                .addListener(
                        done -> {
                            if (done.isSuccess()) {
                                Channel stream = (Channel) done.getNow();
                                MessageStream.write(stream, datagram);
                                MessageStream.end(stream);
                            } else {
                                loose--;
                                datagram.payload().release();
                            }
                        });
        return true;
    }

    /** A datagram of the link, owned from here on. */
    void received(ByteBuf datagram) {
        pulse.heard();
        if (datagram.readableBytes() < ID_BYTES) {
            datagram.release();
            counters.malformed.increment();
        } else {
            deliver(datagram.readLong(), datagram);
        }
    }

    private void deliver(long flowId, ByteBuf payload) {
        Consumer<ByteBuf> taker = flows.get(flowId);
        if (taker == null) {
            // The flow ended meanwhile.
            payload.release();
            counters.datagramsDropped.increment();
        } else {
            taker.accept(payload);
        }
    }

    /** {@return who takes the one datagram of a stream that the peer opened for it} */
    MessageStream.Receiver receiver(Channel stream) {
        return new Received(stream);
    }

    private final class Received implements MessageStream.Receiver {
        private final Channel stream;

        Received(Channel stream) {
            this.stream = stream;
        }

        @Override
        public void received(Message message) {
            if (message instanceof Loose one) {
                deliver(one.flowId(), one.payload());
            } else {
                MessageStream.release(message);
                counters.malformed.increment();
                stream.close();
            }
        }

        @Override
        public void closed() {}
    }

    private final class Sent implements MessageStream.Receiver {
        @Override
        public void received(Message message) {
            MessageStream.release(message);
            counters.malformed.increment();
        }

        @Override
        public void closed() {
            loose--;
        }
    }
}
