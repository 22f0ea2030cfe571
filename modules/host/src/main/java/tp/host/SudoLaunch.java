package tp.host;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tp.os.Processes;
import tp.os.UnixSocket;
import tp.spi.common.TpException;

/** Root's rights on this host: those of this process, or else by sudo. */
final class SudoLaunch implements Launch {

    private final Consumer<String> progress;
    private final boolean root = isRoot();
    private final boolean terminal = hasTerminal();

    /**
     * @param progress is told why sudo asks
     */
    SudoLaunch(Consumer<String> progress) {
        this.progress = progress;
    }

    /** {@return whether sudo has somebody whom it could ask} */
    static boolean mayAskHere() {
        return !isRoot() && hasTerminal();
    }

    @Override
    public Class<?> program() {
        return HelperMain.class;
    }

    @Override
    public List<String> command(List<String> helper) {
        if (root) {
            return helper;
        }
        if (!Programs.isInPath("sudo")) {
            throw TpException.environment(
                    "tp needs root to open a network device and there is no sudo here",
                    "install sudo, or run tp as root");
        }
        List<String> whole = new ArrayList<>(List.of("sudo"));
        if (terminal) {
            progress.accept(
                    "tp needs root to open a network device and edit routes and resolver: \""
                            + String.join(" ", helper)
                            + "\"");
        } else {
            whole.add("-n");
        }
        whole.add("--");
        whole.addAll(helper);
        return whole;
    }

    @Override
    public List<String> inherited() {
        return root ? List.of() : List.of("PATH", "TERM");
    }

    @Override
    public boolean mayAsk() {
        return !root && terminal;
    }

    @Override
    public boolean isHelper(UnixSocket.Peer peer, Process started) {
        return peer.userId() == 0;
    }

    @Override
    public TpException failure(String said) {
        if (root) {
            return TpException.environment(
                    "tp's helper did not start: " + said,
                    "see the log, whose place `tp version` tells");
        }
        return TpException.environment(
                "sudo did not start tp's helper: " + said,
                terminal
                        ? "check that `sudo -v` works for this user"
                        : "check that `sudo -v` works for this user, or connect from a terminal,"
                                + " where sudo can ask");
    }

    private static boolean isRoot() {
        return Processes.effectiveUserId() == 0;
    }

    private static boolean hasTerminal() {
        // Opening it fails with ENXIO in a process that has none.
        try (FileChannel terminal =
                FileChannel.open(Path.of("/dev/tty"), StandardOpenOption.READ)) {
            return terminal.isOpen();
        } catch (IOException e) {
            return false;
        }
    }
}
