package tp.tunnel;

/**
 * What a client says first.
 *
 * @param clientVersion its version, at most 64 characters
 * @param token a token of the manager's audience; a secret, and never printed
 * @param flowKey names the flows of this client over all its links, 32 hex digits, or empty where
 *     none outlives its link; a secret, and never printed
 */
public record ClientHello(
        String clientVersion, String token, MappingRequest mapping, String flowKey) {

    public ClientHello(String clientVersion, String token, MappingRequest mapping) {
        this(clientVersion, token, mapping, "");
    }

    ClientHello withKey(String key) {
        return new ClientHello(clientVersion, token, mapping, key);
    }

    @Override
    public String toString() {
        return "ClientHello[clientVersion=" + clientVersion + ", mapping=" + mapping + "]";
    }
}
