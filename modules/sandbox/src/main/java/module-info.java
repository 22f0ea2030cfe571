/**
 * The embedded mini-cluster: an API server, pods in network namespaces of their own, cluster DNS,
 * sample workloads, and beside them a laptop on which tp can be tried.
 */
@org.jspecify.annotations.NullMarked
module tp.sandbox {
    requires static transitive org.jspecify;
    requires info.picocli;
    requires io.netty.buffer;
    requires io.netty.codec.http;
    requires io.netty.codec;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires jdk.httpserver;
    requires org.dnsjava;
    requires tools.jackson.databind;
    requires tp.spi.common;

    exports tp.sandbox;

    opens tp.sandbox to
            info.picocli;
}
