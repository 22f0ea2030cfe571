package tp.cli;

import java.io.Console;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tp.spi.common.TpException;

/** A program that runs within a session, with the streams of this process. */
final class SessionProgram {

    private static final Pattern SYSTEM_ERROR = Pattern.compile("error: *\\d+ \\(([^)]+)\\)");

    private final List<String> command;
    private final Map<String, String> environment;
    private final Runnable afterwards;

    /** Guarded by this. */
    private boolean ended;

    /**
     * @param environment what it has besides this process's
     * @param afterwards done once when it has ended, also where a signal ends this process
     */
    SessionProgram(List<String> command, Map<String, String> environment, Runnable afterwards) {
        this.command = List.copyOf(command);
        this.environment = Map.copyOf(environment);
        this.afterwards = afterwards;
    }

    /** {@return its exit code} */
    int run() throws InterruptedException {
        // A signal from the terminal reaches the command too, which decides what it means; only
        // where there is no terminal is it passed on. The session ends after the command.
        CompletableFuture<Optional<Process>> started = new CompletableFuture<>();
        Thread onSignal = new Thread(() -> started.join().ifPresent(this::endWith));
        // Before the command begins, which may be what sends the signal.
        Runtime.getRuntime().addShutdownHook(onSignal);
        try {
            started.complete(Optional.of(start()));
        } finally {
            started.complete(Optional.empty()); // where it did not start
        }
        int code = started.join().orElseThrow().waitFor();
        // A signal that ended the program may come here a moment later, while this goes on.
        endOnce();
        try {
            Runtime.getRuntime().removeShutdownHook(onSignal);
        } catch (IllegalStateException e) {
            onSignal.join(); // which ends this process
        }
        return code;
    }

    private void endWith(Process process) {
        if (!onTerminal()) {
            process.destroy();
        }
        int code = waitFor(process);
        endOnce();
        // Or else Java would name the signal, which the program may have taken for something else.
        Runtime.getRuntime().halt(code);
    }

    private synchronized void endOnce() {
        if (!ended) {
            ended = true;
            afterwards.run();
        }
    }

    private Process start() {
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            endOnce();
            throw cannotRun(command.getFirst(), reason(e), e);
        }
    }

    static TpException cannotRun(String program, String why, IOException cause) {
        return new TpException(
                TpException.Category.USAGE,
                "cannot run " + program + ": " + why,
                "give a program and its arguments after `--`",
                cause);
    }

    /** Java's message names the program again, then "error: 2 (No such file or directory)". */
    private static String reason(IOException e) {
        String message = String.valueOf(e.getMessage()).strip();
        Matcher told = SYSTEM_ERROR.matcher(message);
        return told.find() ? told.group(1) : message;
    }

    private static boolean onTerminal() {
        // Which of "none" and "not a terminal" a runtime says has changed between versions.
        return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }

    private static int waitFor(Process process) {
        while (true) {
            try {
                return process.waitFor();
            } catch (InterruptedException e) {
                // Nobody interrupts who sees to the end.
            }
        }
    }
}
