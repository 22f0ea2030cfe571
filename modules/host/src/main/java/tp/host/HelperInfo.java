package tp.host;

/** The running helper. */
public record HelperInfo(long pid, String version) {}
