package tp.testkit.load;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/** Many bytes on one connection. */
final class Bulk {

    private static final int BUFFER = 256 * 1024;

    private Bulk() {}

    /** A download without end, beside other things; it stands still where the network does. */
    static final class Download implements AutoCloseable {

        private final Socket socket;
        private final AtomicLong bytes = new AtomicLong();

        private Download(Socket socket) {
            this.socket = socket;
            Thread.ofPlatform().daemon().name("bulk").start(this::read);
        }

        private void read() {
            byte[] buffer = new byte[BUFFER];
            try (InputStream in = socket.getInputStream()) {
                for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                    bytes.addAndGet(got);
                }
            } catch (IOException e) {
                // The end of the run; or of the bulk, which its rate shows.
            }
        }

        long bytes() {
            return bytes.get();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    static Download start(InetSocketAddress source) throws IOException {
        return new Download(new Socket(source.getAddress(), source.getPort()));
    }

    /** {@return bytes per second that came within that time} */
    static double down(InetSocketAddress source, long forNs) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long total = 0;
        try (Socket socket = new Socket(source.getAddress(), source.getPort())) {
            InputStream in = socket.getInputStream();
            long startNs = System.nanoTime();
            long nowNs = startNs;
            while (nowNs - startNs < forNs) {
                int got = in.read(buffer);
                if (got < 0) {
                    throw new IOException("the download ended after " + total + " bytes");
                }
                total += got;
                nowNs = System.nanoTime();
            }
            return total * 1e9 / (nowNs - startNs);
        }
    }

    /**
     * Sends for that time, and counts until the far end has said that it has all.
     *
     * @return bytes per second
     */
    static double up(InetSocketAddress sink, long forNs) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long total = 0;
        try (Socket socket = new Socket(sink.getAddress(), sink.getPort())) {
            OutputStream out = socket.getOutputStream();
            long startNs = System.nanoTime();
            while (System.nanoTime() - startNs < forNs) {
                out.write(buffer);
                total += buffer.length;
            }
            socket.shutdownOutput();
            String said =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            long tookNs = System.nanoTime() - startNs;
            if (!said.strip().equals(Long.toString(total))) {
                throw new IOException("of " + total + " bytes sent the far end had " + said);
            }
            return total * 1e9 / tookNs;
        }
    }
}
