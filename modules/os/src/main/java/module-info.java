/**
 * Calls into the operating system that Java has no words for. Nothing else in tp calls C.
 *
 * <p>jnr-ffi generates its stubs in another class loader, so the interface it binds is public for
 * the virtual machine; no source outside this package can name it.
 *
 * <p>jnr-ffi is needed at run time for all but {@link tp.os.EchoSockets}, which the manager uses
 * and which does without (docs/adr/0015). So it is required statically here, and plainly by {@code
 * tp.host}, which is in every process of the laptop.
 */
@org.jspecify.annotations.NullMarked
module tp.os {
    requires static transitive org.jspecify;
    requires transitive tp.spi.common;
    requires static org.jnrproject.ffi;

    exports tp.os;
}
