package tp.control;

/** Which tp this is. */
public final class Build {

    private Build() {}

    /** {@return such as {@code 0.1.0}, the same for every module of one build} */
    public static String version() {
        return Build.class.getModule().getDescriptor() == null
                ? "unversioned"
                : Build.class.getModule().getDescriptor().rawVersion().orElse("unversioned");
    }
}
