package tp.sandbox.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Carries the TCP connections of one Service port. The end of one direction is passed on as the end
 * of that direction, a reset as a reset. An endpoint that refuses shows as a reset, since the
 * client's connection is accepted before the endpoint's is made.
 */
final class TcpForward implements ServiceProxy.Forward {

    private static final System.Logger LOG = System.getLogger("tp.sandbox.proxy");
    private static final int BACKLOG = 4096;
    private static final int BUFFER = 128 * 1024;
    private static final int MAX_CONNECTIONS = 8192;

    private final ServerSocketChannel server;
    private final Semaphore connections = new Semaphore(MAX_CONNECTIONS);
    private volatile Endpoints endpoints;

    private TcpForward(ServerSocketChannel server, Endpoints endpoints) {
        this.server = server;
        this.endpoints = endpoints;
    }

    static TcpForward start(InetSocketAddress address, Endpoints endpoints) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(address, BACKLOG);
        } catch (IOException e) {
            server.close();
            throw e;
        }
        TcpForward forward = new TcpForward(server, endpoints);
        Thread.ofPlatform().daemon().name("tcp-" + address).start(forward::accept);
        return forward;
    }

    @Override
    public void endpoints(Endpoints now) {
        endpoints = now;
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a listener was closed already", e);
        }
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                if (connections.tryAcquire()) {
                    Thread.ofVirtual().start(() -> carry(client));
                } else {
                    reset(client);
                }
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "a connection was not accepted", e);
            }
        }
    }

    private void carry(SocketChannel client) {
        try (SocketChannel endpoint = SocketChannel.open()) {
            endpoint.connect(endpoints.choose(client.getRemoteAddress()));
            endpoint.setOption(StandardSocketOptions.TCP_NODELAY, true);
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            AtomicBoolean broken = new AtomicBoolean();
            CountDownLatch back = new CountDownLatch(1);
            Thread.ofVirtual()
                    .start(
                            () -> {
                                copy(endpoint, client, broken);
                                back.countDown();
                            });
            copy(client, endpoint, broken);
            back.await();
        } catch (IOException e) {
            reset(client);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close(client);
            connections.release();
        }
    }

    private static void copy(SocketChannel from, SocketChannel to, AtomicBoolean broken) {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        try {
            while (from.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
            to.shutdownOutput();
        } catch (IOException e) {
            if (broken.compareAndSet(false, true)) {
                reset(to);
                reset(from);
            }
        }
    }

    private static void reset(SocketChannel channel) {
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.TRACE, "a connection had ended already", e);
        }
        close(channel);
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.TRACE, "a connection had ended already", e);
        }
    }
}
