package tp.sandbox.api;

import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;

/** The few protobuf messages that kubectl sends whatever the server says. */
final class Protobuf {

    static final String CONTENT_TYPE = "application/vnd.kubernetes.protobuf";

    private Protobuf() {}

    @SuppressWarnings("DoNotCallSuggester")
    static ObjectNode decode(byte[] body) {
        throw ApiException.plain(
                415, "UnsupportedMediaType", "this server reads no protobuf: use kubectl apply -f");
    }
}
