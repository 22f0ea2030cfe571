package tp.daemon;

import java.time.Duration;
import java.util.function.Consumer;
import tp.host.HostRoutes;
import tp.spi.common.TpException;

/**
 * Notices within seconds when this host gets or loses a route, as when a VPN comes up. It looks
 * again and again, so that nothing piles up where routes change all the time.
 */
final class RouteWatch {

    private static final System.Logger LOG = System.getLogger(RouteWatch.class.getName());
    private static final Duration INTERVAL = Duration.ofSeconds(2);

    private RouteWatch() {}

    /**
     * Starts to look.
     *
     * @param device whose routes are tp's own
     * @param found told of each look, one after the other
     * @return what ends it
     */
    static AutoCloseable start(String device, Consumer<HostRoutes> found) {
        Thread thread = Thread.ofVirtual().name("route-watch").start(() -> look(device, found));
        return () -> {
            thread.interrupt();
            thread.join();
        };
    }

    private static void look(String device, Consumer<HostRoutes> found) {
        String failure = "";
        while (true) {
            try {
                Thread.sleep(INTERVAL);
                found.accept(HostRoutes.readBeside(device));
                failure = "";
            } catch (InterruptedException e) {
                return; // closed
            } catch (RuntimeException e) {
                // Said once: the next look may be better.
                String line = e instanceof TpException known ? known.line() : e.toString();
                if (!line.equals(failure)) {
                    failure = line;
                    LOG.log(System.Logger.Level.WARNING, "routes: {0}", line);
                }
            }
        }
    }
}
