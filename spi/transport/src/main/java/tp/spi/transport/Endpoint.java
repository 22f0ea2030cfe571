package tp.spi.transport;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/**
 * An address at which the manager may be reached.
 *
 * @param address its scheme says which transport it is for, such as {@code quic://192.0.2.7:30443}
 * @param source how it is known
 */
public record Endpoint(URI address, Source source) {

    /** Who says so, best first. */
    public enum Source {
        /** The user gave it by {@code --endpoint}. */
        GIVEN,
        /** A load balancer of the manager's Service (its {@code status.loadBalancer}). */
        LOAD_BALANCER,
        /** A port of the node on which the manager runs. */
        HOST_PORT,
        /** A port of every node, by the manager's Service. */
        NODE_PORT;

        /** {@return the name as people read it} */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final int MAX_CHARS = 512;

    /**
     * @throws IllegalArgumentException where the address has no scheme
     */
    public Endpoint {
        if (address.getScheme() == null) {
            throw new IllegalArgumentException("an endpoint without a scheme: " + address);
        }
    }

    /**
     * {@return the endpoint of a line of {@code tp-manager-info}, such as {@code node-port
     * quic://192.0.2.7:30443}; empty where it is none}
     */
    public static Optional<Endpoint> parse(String line) {
        String[] words = line.strip().split(" +", -1);
        if (words.length != 2 || line.length() > MAX_CHARS) {
            return Optional.empty();
        }
        try {
            Source source = Source.valueOf(words[0].toUpperCase(Locale.ROOT).replace('-', '_'));
            return Optional.of(new Endpoint(new URI(words[1]), source));
        } catch (IllegalArgumentException | URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** {@return the line that {@link #parse} reads} */
    public String line() {
        return source.text() + " " + address;
    }
}
