package tp.host;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.util.List;
import java.util.Map;

/**
 * The helper's hold on its keeper: a pipe. When the helper ends, in order or not, the keeper sees
 * the pipe's end. It is not killed: it ends itself when there is nothing left to keep.
 */
final class Keeper implements AutoCloseable {

    private final Process process;

    private Keeper(Process process) {
        this.process = process;
    }

    static Keeper start(String sessionId) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(JavaCommand.of(KeeperMain.class, List.of(sessionId)));
        cleanEnvironment(builder.environment());
        builder.directory(new File("/"));
        builder.redirectError(Redirect.DISCARD);
        return new Keeper(builder.start());
    }

    static void cleanEnvironment(Map<String, String> environment) {
        environment.clear();
        environment.put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        environment.put("LC_ALL", "C.UTF-8");
    }

    /** Returns when the keeper watches. */
    void awaitReady() throws IOException {
        try (InputStream out = process.getInputStream()) {
            if (out.read() != KeeperMain.READY) {
                throw new IOException("the keeper did not start");
            }
        }
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
    }
}
