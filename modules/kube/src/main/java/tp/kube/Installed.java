package tp.kube;

/**
 * A manager that takes connections.
 *
 * @param version of it
 * @param changed how many objects were made or changed for that
 * @param level what it covers
 */
public record Installed(String version, int changed, Level level) {}
