package tp.spi.common;

/**
 * Something that {@link java.util.ServiceLoader} finds. A provider has a public constructor without
 * parameters, and neither the constructor nor {@link #id()} has side effects: a provider that was
 * merely found costs nothing.
 */
public interface Provider {

    /**
     * {@return the name by which people choose this provider} Lower-case letters, digits, hyphens
     * and dots, at most 32 characters, unique among the providers of one service.
     */
    String id();
}
