package tp.connector;

/**
 * Something that should have been a provider.
 *
 * @param point the extension point, or {@code plug-in} where it is not known
 * @param source its module, class or file
 * @param reason one line for people
 */
public record Broken(String point, String source, String reason) {}
