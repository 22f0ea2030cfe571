package tp.tunnel;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A service in the cluster: one thread for each connection, doing what the test says. */
final class Far implements AutoCloseable {

    /** What happens to a connection. */
    interface Service {
        void serve(Socket socket) throws IOException;
    }

    private final ServerSocket listener;
    private final CountDownLatch accepted = new CountDownLatch(1);

    Far(Service service) throws IOException {
        this(0, service);
    }

    /**
     * @param receiveBytes of the kernel's buffer; 0 leaves it as it is
     */
    Far(int receiveBytes, Service service) throws IOException {
        listener = new ServerSocket();
        if (receiveBytes > 0) {
            listener.setReceiveBufferSize(receiveBytes);
        }
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
        Thread.ofVirtual().start(() -> acceptAll(service));
    }

    static Far echo() throws IOException {
        return new Far(
                socket -> {
                    socket.getInputStream().transferTo(socket.getOutputStream());
                    socket.close();
                });
    }

    private void acceptAll(Service service) {
        try {
            while (true) {
                Socket socket = listener.accept();
                accepted.countDown();
                Thread.ofVirtual().start(() -> serve(service, socket));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private static void serve(Service service, Socket socket) {
        try {
            service.serve(socket);
        } catch (IOException e) {
            // The peer's end is what the test looks at.
        }
    }

    /** {@return whether a connection came within ten seconds} */
    boolean awaitAccepted() throws InterruptedException {
        return accepted.await(10, TimeUnit.SECONDS);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
