open module io.fabric8.kubernetes.client.vertx5 {
    requires io.netty.codec.http;
    requires io.netty.handler;
    requires org.slf4j;
    requires transitive io.vertx.core;
    requires transitive io.vertx.web.client;
    requires transitive kubernetes.client.api;
    provides io.fabric8.kubernetes.client.http.HttpClient.Factory with
        io.fabric8.kubernetes.client.vertx5.Vertx5HttpClientFactory;
    exports io.fabric8.kubernetes.client.vertx5;
}
