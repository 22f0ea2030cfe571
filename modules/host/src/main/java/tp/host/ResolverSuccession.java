package tp.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tp.host.FieldReader.MalformedException;

/**
 * Several sessions may have changed {@code /etc/resolv.conf}, one after the other, and end in any
 * order; and a loss of power takes the journals of all. Must hold the lock of the state directory.
 */
final class ResolverSuccession {

    private static final Pattern NEW_FILE =
            Pattern.compile(
                    Pattern.quote(ResolverFile.MARKER)
                            + "([0-9a-f]{8})\\. "
                            + Pattern.quote(ResolverFile.NONE_BEFORE));

    private final StateDirectory state;
    private final Path path;

    ResolverSuccession(StateDirectory state, Path path) {
        this.state = state;
        this.path = path;
    }

    /**
     * Where a later session found this session's file, that session inherits what this one found.
     *
     * @return whether there was one
     */
    boolean handOver(String sessionId, ResolverOriginal original) throws IOException {
        ResolverFile file = new ResolverFile(path, sessionId);
        for (String other : state.sessions()) {
            Optional<Journal> journal = other.equals(sessionId) ? Optional.empty() : journal(other);
            Optional<ResolverOriginal> found = journal.flatMap(Journal::resolver);
            if (found.isPresent() && file.isOurs(found.get().content())) {
                ResolverFile heir = new ResolverFile(path, other);
                boolean aside =
                        original.place() == ResolverOriginal.Place.ASIDE
                                && found.get().place() == ResolverOriginal.Place.ASIDE
                                && Files.exists(file.aside(), LinkOption.NOFOLLOW_LINKS);
                if (aside) {
                    Files.move(file.aside(), heir.aside(), StandardCopyOption.ATOMIC_MOVE);
                } else {
                    Files.deleteIfExists(file.aside());
                    Files.deleteIfExists(heir.aside());
                }
                ResolverOriginal.Place place =
                        aside ? ResolverOriginal.Place.ASIDE : ResolverOriginal.Place.HERE;
                state.write(other, journal.get().with(Optional.of(original.at(place))));
                return true;
            }
        }
        return false;
    }

    private Optional<Journal> journal(String sessionId) throws IOException {
        try {
            return state.read(sessionId);
        } catch (MalformedException e) {
            // Its own helper or keeper will say so.
            return Optional.empty();
        }
    }

    /**
     * Puts back what sessions left behind whose journals are lost.
     *
     * @return notes for people
     */
    List<String> putBackForgotten() throws IOException {
        List<String> notes = new ArrayList<>();
        List<String> forgotten = forgotten();
        boolean moved = true;
        while (moved) {
            // The youngest first: what it found may be the file of an older one.
            moved = false;
            for (String id : List.copyOf(forgotten)) {
                ResolverFile file = new ResolverFile(path, id);
                if (file.isOurs(path)) {
                    notes.add("session " + id + " left " + path + " changed; it is put back");
                    file.restoreAside(true);
                    forgotten.remove(id);
                    moved = true;
                }
            }
        }
        for (String id : forgotten) {
            new ResolverFile(path, id).restoreAside(false).ifPresent(notes::add);
        }
        Optional<String> made = forgottenNewFile();
        if (made.isPresent()) {
            Files.delete(path);
            notes.add("session " + made.get() + " left " + path + ", which was not there before");
        }
        return notes;
    }

    private List<String> forgotten() throws IOException {
        List<String> ids = new ArrayList<>();
        Path directory = path.getParent();
        if (directory == null) {
            return ids;
        }
        List<String> sessions = state.sessions();
        String prefix = path.getFileName() + ".tp-";
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, prefix + "*")) {
            for (Path entry : entries) {
                String id = entry.getFileName().toString().substring(prefix.length());
                if (HelperRules.isSessionId(id) && !sessions.contains(id)) {
                    ids.add(id);
                }
            }
        }
        return ids;
    }

    private Optional<String> forgottenNewFile() throws IOException {
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (var in = Files.newInputStream(path)) {
            Matcher first = NEW_FILE.matcher(new String(in.readNBytes(200), UTF_8));
            return first.lookingAt() && !state.sessions().contains(first.group(1))
                    ? Optional.of(first.group(1))
                    : Optional.empty();
        }
    }
}
