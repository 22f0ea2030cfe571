package tp.sandbox.node;

/** The lines by which the node tells its launcher how far it is. */
public final class NodeWords {

    public static final String STEP = "step ";
    public static final String READY = "ready";
    public static final String FAILED = "failed ";

    private NodeWords() {}
}
