package tp.host;

/** Names that carry a session's id. */
final class Names {

    private Names() {}

    static String device(String sessionId) {
        return "tp" + sessionId;
    }

    static String socket(String sessionId) {
        return "helper-" + sessionId + ".sock";
    }

    /** {@return tp's own version} */
    static String version() {
        var descriptor = Names.class.getModule().getDescriptor();
        return descriptor == null ? "dev" : descriptor.rawVersion().orElse("dev");
    }
}
