package tp.host;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import tp.host.FieldReader.MalformedException;
import tp.os.OsException;
import tp.os.ProcessIdentity;
import tp.os.Processes;
import tp.os.TcpSockets;

/**
 * The keeper: started by the helper before the first change, it waits until the helper and the
 * daemon are gone, and does what the helper left undone. Its argument is the session's id.
 */
final class KeeperMain {

    static final int READY = 'r';

    private KeeperMain() {}

    public static void main(String[] arguments) throws IOException, MalformedException {
        HelperRules.sessionId(arguments[0]);
        Processes.privateFiles();
        Processes.ignoreHangupAndInterrupt();
        Processes.newSession();
        StateDirectory state = StateDirectory.open(StateDirectory.BASE);
        Optional<Journal> journal = state.read(arguments[0]);
        if (journal.isEmpty()) {
            return;
        }
        Path resolver = ResolverFile.located(Path.of("/etc/resolv.conf"));
        Restoration restoration = new Restoration(state, resolver);
        // Loads what is needed at the end while there is time.
        TcpSockets.destroyWithLocalAddress(Set.of());
        System.out.write(READY);
        System.out.flush();
        // The helper never writes; the pipe ends with it.
        System.in.transferTo(OutputStream.nullOutputStream());
        awaitEnd(journal.get().helper());
        if (state.read(arguments[0]).isPresent()) {
            awaitEnd(journal.get().daemon());
            restoration.end(arguments[0]);
        }
    }

    private static void awaitEnd(ProcessIdentity process) throws OsException {
        if (!process.isAlive()) {
            return;
        }
        try (Processes.ProcessWatch watch = Processes.watch(process)) {
            watch.awaitEnd();
        } catch (OsException e) {
            if (process.isAlive()) {
                throw e;
            }
        }
    }
}
