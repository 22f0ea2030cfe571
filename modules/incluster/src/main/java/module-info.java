/**
 * The few calls that the manager makes to the API server of its own cluster, by the JDK's HTTP
 * client.
 */
@org.jspecify.annotations.NullMarked
module tp.incluster {
    requires static transitive org.jspecify;
    requires transitive tp.spi.common;
    requires java.net.http;
    requires tools.jackson.databind;

    exports tp.incluster;
}
