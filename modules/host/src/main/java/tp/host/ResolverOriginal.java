package tp.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Objects;
import tp.host.FieldReader.MalformedException;

/** How {@code /etc/resolv.conf} was before a session changed it. */
final class ResolverOriginal {

    /** What there was. */
    enum Kind {
        ABSENT,
        FILE,
        LINK
    }

    /** Where the original is now. */
    enum Place {
        /** Beside the file, under {@link ResolverFile#aside}: it was exchanged as a whole. */
        ASIDE,
        /** Only in this record: the file was written over, or replaced. */
        HERE
    }

    private final Kind kind;
    private final Place place;
    private final byte[] content;
    private final String linkTarget;
    private final Access access;

    /**
     * Who may do what with a file, and when it was written.
     *
     * @param mode as for chmod
     */
    record Access(int mode, int user, int group, long modifiedMillis) {

        static Access of(Path path) throws IOException {
            return new Access(
                    (Integer) Files.getAttribute(path, "unix:mode") & 07777,
                    (Integer) Files.getAttribute(path, "unix:uid"),
                    (Integer) Files.getAttribute(path, "unix:gid"),
                    Files.getLastModifiedTime(path).toMillis());
        }

        void set(Path path) throws IOException {
            Access now = of(path);
            if (user != now.user || group != now.group) {
                Files.setAttribute(path, "unix:uid", user);
                Files.setAttribute(path, "unix:gid", group);
            }
            if (mode != now.mode) {
                Files.setAttribute(path, "unix:mode", mode);
            }
            Files.setLastModifiedTime(path, FileTime.fromMillis(modifiedMillis));
        }
    }

    /**
     * @param content of a file
     * @param linkTarget of a link
     * @param access of a file
     */
    ResolverOriginal(Kind kind, Place place, byte[] content, String linkTarget, Access access) {
        this.kind = kind;
        this.place = place;
        this.content = content.clone();
        this.linkTarget = linkTarget;
        this.access = access;
    }

    Kind kind() {
        return kind;
    }

    Place place() {
        return place;
    }

    byte[] content() {
        return content.clone();
    }

    String linkTarget() {
        return linkTarget;
    }

    Access access() {
        return access;
    }

    ResolverOriginal at(Place other) {
        return new ResolverOriginal(kind, other, content, linkTarget, access);
    }

    void write(FieldWriter out) {
        out.constant(kind).constant(place);
        out.blob(content).text(linkTarget);
        out.number32(access.mode).number32(access.user).number32(access.group);
        out.number64(access.modifiedMillis);
    }

    static ResolverOriginal read(FieldReader in) throws MalformedException {
        return new ResolverOriginal(
                in.constant(Kind.values()),
                in.constant(Place.values()),
                in.blob(),
                in.text(),
                new Access(in.number32(), in.number32(), in.number32(), in.number64()));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ResolverOriginal that
                && kind == that.kind
                && place == that.place
                && Arrays.equals(content, that.content)
                && linkTarget.equals(that.linkTarget)
                && access.equals(that.access);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, place, Arrays.hashCode(content), linkTarget, access);
    }
}
