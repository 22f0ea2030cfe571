package tp.cli;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import tp.control.Frames;
import tp.control.Reply;
import tp.control.Task;

/** A process of the daemon's program that is started for one answer. */
final class ErrandProcess {

    /** For its last words, where it has ended; a child of its own may hold the pipe open. */
    private static final long WORDS_SECONDS = 1;

    private static final int MAX_WORDS = 300;

    private final List<String> command;

    ErrandProcess(List<String> command) {
        this.command = command;
    }

    /**
     * {@return the last reply}
     *
     * @param task what it reads of its standard input, where it reads that
     * @param patience after which it is ended, where it is not one that may take its time
     * @param meanwhile takes all before it: progress, and parts of a long text
     * @throws tp.spi.common.TpException where it says that it failed
     * @throws IOException where it says nothing, or nothing that can be understood; with its last
     *     words
     */
    Reply reply(Optional<Task> task, Optional<Duration> patience, Consumer<Reply> meanwhile)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        if (task.isEmpty()) {
            builder.redirectInput(new File("/dev/null"));
        }
        Process process = builder.start();
        CompletableFuture<String> words = new CompletableFuture<>();
        daemon(() -> words.complete(lastWords(process)));
        patience.ifPresent(limit -> daemon(() -> endAfter(limit, process, words)));
        try {
            if (task.isPresent()) {
                try (OutputStream in = process.getOutputStream()) {
                    Frames.write(task.get(), in);
                }
            }
            return reply(process, meanwhile);
        } catch (IOException e) {
            throw new IOException(
                    "it ended without an answer: "
                            + words.completeOnTimeout("", WORDS_SECONDS, TimeUnit.SECONDS).join(),
                    e);
        }
    }

    private static Reply reply(Process process, Consumer<Reply> meanwhile) throws IOException {
        try (InputStream pipe = process.getInputStream()) {
            while (true) {
                switch (Frames.read(pipe, Reply.class)) {
                    case Reply.Progress step -> meanwhile.accept(step);
                    case Reply.Part part -> meanwhile.accept(part);
                    case Reply.Failed failed -> throw failed.exception();
                    case Reply reply -> {
                        return reply;
                    }
                }
            }
        }
    }

    private static void daemon(Runnable work) {
        Thread.ofPlatform().daemon().start(work);
    }

    /** {@return its last line on standard error} What is indented there only says where in tp. */
    private static String lastWords(Process process) {
        try (BufferedReader said = process.errorReader()) {
            String last =
                    said.lines()
                            .filter(line -> !line.isBlank() && !line.matches("\\s.*"))
                            .reduce("it said nothing", (earlier, later) -> later);
            String masked = Masked.of(last);
            return masked.substring(0, Math.min(masked.length(), MAX_WORDS));
        } catch (IOException | UncheckedIOException e) {
            return "its words are lost: " + e.getMessage();
        }
    }

    private static void endAfter(
            Duration patience, Process process, CompletableFuture<String> words) {
        try {
            if (!process.waitFor(patience)) {
                words.complete("it took more than " + patience.toMillis() + " ms");
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
