package tp.spi.transport;

import java.util.Set;
import tp.spi.common.Assessment;
import tp.spi.common.Provider;

/** Knows one way to reach the manager. */
public interface TransportProvider extends Provider {

    /** {@return whether this way is open in that environment} See the package's guarantee 2. */
    Assessment assess(TransportContext context);

    /** {@return the schemes of the {@link Endpoint}s that it uses} */
    default Set<String> schemes() {
        return Set.of();
    }

    /** {@return a transport that holds no resource yet} */
    Transport create(TransportContext context);
}
