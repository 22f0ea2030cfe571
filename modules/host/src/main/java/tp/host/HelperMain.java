package tp.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tp.os.OsException;
import tp.os.ProcessIdentity;
import tp.os.Processes;
import tp.os.UnixSocket;
import tp.spi.common.IoReason;
import tp.spi.common.TpException;

/** The helper: root's part of a session. Its arguments are the session's id and the socket. */
final class HelperMain {

    static final int EXIT_REFUSED = 71;

    private static final int MAX_ANCESTORS = 32;

    private HelperMain() {}

    /** Whom it works for. */
    record Session(String id, ProcessIdentity daemon, Path directory) {}

    /** Does what the daemon asks; returns when the daemon is gone and all is taken back. */
    interface Work {
        void serve(Session session, UnixSocket daemon) throws IOException;
    }

    public static void main(String[] arguments) {
        System.exit(run(arguments, HelperMain::onHost));
    }

    private static void onHost(Session session, UnixSocket daemon) throws IOException {
        StateDirectory state = StateDirectory.open(StateDirectory.BASE);
        Path resolver = ResolverFile.located(Path.of("/etc/resolv.conf"));
        new Helper(session.id(), session.daemon(), state, resolver).serve(daemon);
    }

    /** {@return the exit code} */
    static int run(String[] arguments, Work work) {
        if (arguments.length != 2) {
            System.err.println("tp's helper is started by tp only");
            return 2;
        }
        leaveTerminal();
        Path socket = Path.of(arguments[1]);
        try (UnixSocket daemon = UnixSocket.connect(socket)) {
            HelperRules.sessionId(arguments[0]);
            ProcessIdentity owner = ancestor(daemon.peer());
            return serve(work, new Session(arguments[0], owner, socket.resolveSibling("")), daemon);
        } catch (IOException e) {
            System.err.println("tp's helper: " + IoReason.of(e));
        } catch (TpException e) {
            System.err.println("tp's helper: " + e.line());
        }
        return EXIT_REFUSED;
    }

    private static int serve(Work work, Session session, UnixSocket daemon) {
        try {
            work.serve(session, daemon);
            return 0;
        } catch (IOException e) {
            String what = "tp's helper cannot work: " + IoReason.of(e);
            System.err.println(what);
            try {
                daemon.send(HelperCodec.encode(Failures.refused(what)), Optional.empty());
            } catch (OsException gone) {
                System.err.println("tp's helper: " + gone.getMessage());
            }
            return EXIT_REFUSED;
        }
    }

    private static void leaveTerminal() {
        Processes.privateFiles();
        Processes.ignoreHangupAndInterrupt();
        try {
            Processes.newSession();
        } catch (OsException e) {
            // Under a sudo that gives each command a terminal of its own, it leads a session
            // already.
        }
    }

    /**
     * {@return the daemon at the other end} Whoever starts this program can name any socket; only a
     * listener that is an ancestor of this process, of the user whom sudo names, is served.
     */
    private static ProcessIdentity ancestor(UnixSocket.Peer peer) throws IOException {
        String sudoUser = System.getenv("SUDO_UID");
        String expected = sudoUser == null ? Integer.toString(Processes.userId()) : sudoUser;
        List<Long> seen = new ArrayList<>();
        long pid = ProcessHandle.current().pid();
        while (pid > 1 && pid != peer.pid() && seen.size() < MAX_ANCESTORS) {
            seen.add(pid);
            pid = ProcessIdentity.parentOf(pid);
        }
        if (pid != peer.pid() || !expected.equals(Integer.toString(peer.userId()))) {
            throw new IOException(
                    "process " + peer.pid() + " of user " + peer.userId() + " did not start it");
        }
        return ProcessIdentity.of(pid)
                .orElseThrow(() -> new IOException("the daemon has ended already"));
    }
}
