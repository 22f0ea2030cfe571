package tp.tunnel;

import io.netty.channel.Channel;

/**
 * What a flow runs over at a time.
 *
 * @param means of the stream's link
 */
record Way(Channel stream, FlowMeans means) {

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
