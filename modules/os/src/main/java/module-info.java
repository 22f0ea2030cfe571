/**
 * Calls into the operating system that Java has no words for. Nothing else in tp calls C.
 *
 * <p>jnr-ffi generates its stubs in another class loader, so the interface it binds is public for
 * the virtual machine; no source outside this package can name it.
 */
@org.jspecify.annotations.NullMarked
module tp.os {
    requires static transitive org.jspecify;
    requires transitive tp.spi.common;
    requires org.jnrproject.ffi;

    exports tp.os;
}
