package tp.manager;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import tp.incluster.ApiException;
import tp.incluster.ClusterApi;
import tp.incluster.StoredData;
import tp.spi.transport.Endpoint;
import tp.tunnel.ServerKey;

/**
 * What clients read of the manager, with their own credentials: the ConfigMap {@code
 * tp-manager-info}.
 *
 * @param port of sessions in the manager's pod
 */
record Publication(ServerKey key, int port, String version, List<Endpoint> endpoints) {

    static final String INFO = "tp-manager-info";

    private static final int TRIES = 5;

    Publication {
        endpoints = List.copyOf(endpoints);
    }

    /** {@return the uid that tokens must name, the same as long as the ConfigMap lives} */
    String publish(ClusterApi api) throws IOException {
        for (int attempt = 0; attempt < TRIES; attempt++) {
            Optional<StoredData> stored = api.read(StoredData.Kind.CONFIG_MAP, INFO);
            String uid =
                    stored.flatMap(data -> data.text("uid"))
                            .filter(text -> !text.isBlank())
                            .orElseGet(() -> UUID.randomUUID().toString());
            try {
                store(api, stored, wanted(uid));
                return uid;
            } catch (ApiException e) {
                if (e.status() != 409) {
                    throw e;
                }
            }
        }
        throw new IOException("the ConfigMap " + INFO + " is changed by somebody all the time");
    }

    private Map<String, String> wanted(String uid) {
        return Map.of(
                "spki-sha256",
                key.pin().spkiSha256(),
                "uid",
                uid,
                "port",
                Integer.toString(port),
                "version",
                version,
                "endpoints",
                endpoints.stream().map(Endpoint::line).collect(Collectors.joining("\n")));
    }

    private static void store(
            ClusterApi api, Optional<StoredData> stored, Map<String, String> wanted)
            throws IOException {
        Map<String, byte[]> data =
                wanted.entrySet().stream()
                        .collect(
                                Collectors.toMap(
                                        Map.Entry::getKey,
                                        e -> e.getValue().getBytes(StandardCharsets.UTF_8)));
        if (stored.isEmpty()) {
            api.create(StoredData.Kind.CONFIG_MAP, INFO, data);
            return;
        }
        StoredData old = stored.get();
        boolean same =
                wanted.entrySet().stream()
                        .allMatch(e -> old.text(e.getKey()).equals(Optional.of(e.getValue())));
        if (!same) {
            api.update(StoredData.Kind.CONFIG_MAP, INFO, old, data);
        }
    }
}
