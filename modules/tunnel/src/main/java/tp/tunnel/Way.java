package tp.tunnel;

import io.netty.channel.Channel;

/**
 * What a flow runs over at a time.
 *
 * @param means of the stream's link
 * @param seat of the flow's client, on the link's event loop
 */
record Way(Channel stream, FlowMeans means, ReadTurns.Seat seat) {

    void write(Message message) {
        MessageStream.write(stream, message);
    }

    void writeAndFlush(Message message) {
        MessageStream.writeAndFlush(stream, message);
    }

    void end() {
        MessageStream.end(stream);
    }
}
