/** What a process of tp counts, for Prometheus: the text, and the page that has it. */
@org.jspecify.annotations.NullMarked
module tp.metrics {
    requires static transitive org.jspecify;
    requires transitive io.netty.transport;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires io.netty.handler;

    exports tp.metrics;
}
