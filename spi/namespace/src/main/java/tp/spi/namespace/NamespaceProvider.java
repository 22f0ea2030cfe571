package tp.spi.namespace;

import tp.spi.common.Assessment;
import tp.spi.common.Provider;

/** Knows one way to say which namespaces are mapped. */
public interface NamespaceProvider extends Provider {

    /** {@return whether this way fits what the user asked for} Does not block. */
    Assessment assess(NamespaceRequest request);

    /**
     * {@return the mapping}
     *
     * @throws tp.spi.common.TpException where the request names something that cannot be a
     *     namespace
     */
    NamespaceMapping map(NamespaceRequest request);
}
