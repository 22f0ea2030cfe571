/**
 * What the command line and the daemon say to each other, over a Unix domain socket that only its
 * owner can reach. No third-party code: the command line loads this on every call.
 */
@org.jspecify.annotations.NullMarked
module tp.control {
    requires static transitive org.jspecify;
    requires transitive tp.spi.common;
    requires jdk.net;

    exports tp.control;
}
