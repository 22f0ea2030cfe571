package tp.incluster;

import java.util.List;
import java.util.Map;

/** Who the bearer of a token is, in the words of the API server. */
public record Identity(
        String username, String uid, List<String> groups, Map<String, List<String>> extra) {

    public Identity {
        groups = List.copyOf(groups);
        extra = Map.copyOf(extra);
    }
}
