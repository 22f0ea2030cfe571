/**
 * What tp changes on this host, and how it is taken back: the daemon's side ({@link tp.host.Host}),
 * the helper that has root's rights, and the keeper that restores the host where both are gone.
 *
 * <p>The helper and the keeper run with these modules and nothing else: no network code, no
 * plug-in.
 */
@org.jspecify.annotations.NullMarked
module tp.host {
    requires static transitive org.jspecify;
    // What tp.os calls C with; it is needed here, and not by the manager (docs/adr/0015).
    requires org.jnrproject.ffi;
    requires transitive tp.os;
    requires transitive tp.spi.dns;

    exports tp.host;
}
