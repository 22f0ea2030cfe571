package tp.kube;

import java.util.List;
import tp.spi.transport.Endpoint;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.ServerPin;

/**
 * What the manager published about itself, read with the user's own credentials.
 *
 * @param pin its key
 * @param uid of this instance; part of the audience of its tokens
 * @param version of tp in the cluster
 * @param location a ready pod
 * @param endpoints where it can be reached without the API server, as it says
 */
public record ManagerInfo(
        ServerPin pin,
        String uid,
        String version,
        ManagerLocation location,
        List<Endpoint> endpoints) {

    public ManagerInfo {
        endpoints = List.copyOf(endpoints);
    }

    /** {@return the audience that a token for this manager names} */
    public String audience() {
        return "tp-manager/" + uid;
    }
}
