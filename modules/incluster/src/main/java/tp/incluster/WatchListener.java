package tp.incluster;

import java.util.List;

/** Told of all objects of a kind, one call after the other, on a thread of the watch. */
public interface WatchListener<T extends ClusterObject> {

    /** These are all; what was known before is no more. */
    void replaced(List<T> all);

    /** One is new, or another than before. */
    void changed(T object);

    void removed(T object);

    /** The API server refuses the list; it is asked again now and then. */
    void denied(ApiException why);
}
