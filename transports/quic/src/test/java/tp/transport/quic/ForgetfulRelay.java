package tp.transport.quic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;

/** Stands between one client and a server as a translator does that may forget the flow. */
final class ForgetfulRelay implements AutoCloseable {

    private static final int SOCKET_BYTES = 4 << 20;

    private final InetSocketAddress server;
    private final DatagramChannel inside = bind();
    private volatile DatagramChannel outside = bind();
    private volatile @Nullable InetSocketAddress client;

    ForgetfulRelay(InetSocketAddress server) {
        this.server = server;
        Thread.ofPlatform().daemon().start(this::outward);
        inward(outside);
    }

    private static DatagramChannel bind() {
        try {
            DatagramChannel channel = DatagramChannel.open();
            channel.setOption(java.net.StandardSocketOptions.SO_RCVBUF, SOCKET_BYTES);
            channel.setOption(java.net.StandardSocketOptions.SO_SNDBUF, SOCKET_BYTES);
            return channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    InetSocketAddress address() throws IOException {
        return (InetSocketAddress) inside.getLocalAddress();
    }

    /** From here on the server sees another port, and what it sends to the old one is lost. */
    void forget() throws IOException {
        DatagramChannel old = outside;
        DatagramChannel made = bind();
        inward(made);
        outside = made;
        old.close();
    }

    private void outward() {
        ByteBuffer packet = ByteBuffer.allocateDirect(2048);
        while (inside.isOpen()) {
            try {
                client = (InetSocketAddress) inside.receive(packet.clear());
                outside.send(packet.flip(), server);
            } catch (ClosedChannelException e) {
                // The packet is lost with the flow.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void inward(DatagramChannel from) {
        Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            ByteBuffer packet = ByteBuffer.allocateDirect(2048);
                            try {
                                while (true) {
                                    from.receive(packet.clear());
                                    InetSocketAddress to = client;
                                    if (to != null) {
                                        inside.send(packet.flip(), to);
                                    }
                                }
                            } catch (IOException e) {
                                // The flow is forgotten.
                            }
                        });
    }

    @Override
    public void close() throws IOException {
        inside.close();
        outside.close();
    }
}
