package tp.tunnel;

/**
 * What a client says first.
 *
 * @param clientVersion its version, at most 64 characters
 * @param token a token of the manager's audience; a secret, and never printed
 */
public record ClientHello(String clientVersion, String token, MappingRequest mapping) {

    @Override
    public String toString() {
        return "ClientHello[clientVersion=" + clientVersion + ", mapping=" + mapping + "]";
    }
}
