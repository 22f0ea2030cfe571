package tp.kube;

import tp.spi.transport.ManagerLocation;

/**
 * What the manager published about itself, read with the user's own credentials.
 *
 * @param spkiSha256 base64 of the SHA-256 of its key's SubjectPublicKeyInfo: the pin
 * @param uid of this instance; part of the audience of its tokens
 * @param version of tp in the cluster
 * @param location a ready pod
 */
public record ManagerInfo(String spkiSha256, String uid, String version, ManagerLocation location) {

    /** {@return the audience that a token for this manager names} */
    public String audience() {
        return "tp-manager/" + uid;
    }
}
