/** Which namespaces exist for a user, and under which names. */
@org.jspecify.annotations.NullMarked
module tp.spi.namespace {
    requires static transitive org.jspecify;
    requires transitive tp.spi.common;

    exports tp.spi.namespace;
}
