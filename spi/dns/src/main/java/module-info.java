/** How this host is made to ask tp for cluster names. */
@org.jspecify.annotations.NullMarked
module tp.spi.dns {
    requires static transitive org.jspecify;
    requires transitive tp.spi.common;

    exports tp.spi.dns;
}
