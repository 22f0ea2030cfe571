package tp.sandbox.node;

import java.time.Duration;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What a pod gets to talk to the API server with. */
interface Credentials {

    /**
     * @param audiences empty for the API server itself
     */
    String token(ObjectNode pod, List<String> audiences, Duration life);

    /** {@return the API server's certificate authority as PEM} */
    String certificateAuthority();
}
