package tp.os;

import static tp.os.LinuxLibrary.C;
import static tp.os.LinuxLibrary.check;

import java.nio.file.Path;

/** The mounts of the mount namespace in which this process is. */
public final class Mounts {

    private static final long MS_BIND = 4096;

    private Mounts() {}

    /**
     * Shows one file or folder in the place of another, which must be there. A link is followed.
     *
     * @throws OsException {@code EPERM} without the right to mount
     */
    public static void bind(Path shown, Path place) throws OsException {
        check(
                "mount over " + place,
                C.mount(shown.toString(), place.toString(), null, MS_BIND, null));
    }
}
