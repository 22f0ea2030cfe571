package com.example.tp.exec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * The standard input and output of a running command. The pipes of the kernel are the
 * back-pressure. A command that ends well has ended the stream in order; any other end is an
 * exception that quotes what the command said last.
 */
final class CommandPipe implements ByteChannel {

    /** A command that cannot start says so at once. */
    private static final long FALSE_START_MS = 250;

    private static final long EXIT_MS = 2_000;
    private static final long LAST_WORDS_MS = 200;
    private static final int MAX_SAID = 200;
    private static final int CHUNK_BYTES = 64 * 1024;

    private final Process process;
    private final StringBuilder said = new StringBuilder(); // guarded by itself
    private final Thread listening;
    private volatile boolean closed;

    private CommandPipe(Process process) {
        this.process = process;
        listening = Thread.ofVirtual().name("exec-stderr").start(this::listen);
    }

    static CommandPipe start(ProcessBuilder command) throws IOException {
        CommandPipe pipe = new CommandPipe(command.start());
        if (pipe.exits(FALSE_START_MS)) {
            throw pipe.failure();
        }
        return pipe;
    }

    private boolean exits(long withinMs) throws IOException {
        try {
            return process.waitFor(withinMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        byte[] chunk = new byte[Math.min(target.remaining(), CHUNK_BYTES)];
        int length;
        try {
            length = process.getInputStream().read(chunk);
        } catch (IOException e) {
            throw closed ? new ClosedChannelException() : e;
        }
        if (length >= 0) {
            target.put(chunk, 0, length);
            return length;
        }
        if (closed) {
            throw new ClosedChannelException();
        }
        if (exits(EXIT_MS) && process.exitValue() != 0) {
            throw failure();
        }
        return -1;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        byte[] chunk = new byte[Math.min(source.remaining(), CHUNK_BYTES)];
        source.get(chunk);
        try {
            process.getOutputStream().write(chunk);
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw closed ? new ClosedChannelException() : e;
        }
        return chunk.length;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    /** Ends the command and what it started; whoever is blocked in a read or write comes back. */
    @Override
    public void close() {
        closed = true;
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        // What outlived the command sees the end of its input. A write that is blocked holds the
        // stream, so that nobody waits for this.
        Thread.ofVirtual().start(this::endInput);
    }

    private void endInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // Nobody is there to read what was still buffered.
        }
    }

    private IOException failure() {
        try {
            // What the command left running may hold its standard error open.
            listening.join(LAST_WORDS_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        String line;
        synchronized (said) {
            line = said.toString().strip();
        }
        line = line.substring(line.lastIndexOf('\n') + 1).replaceAll("[^\\x20-\\x7e]", "?");
        return new IOException(
                "the command ended with "
                        + process.exitValue()
                        + (line.isEmpty() ? ", and said nothing" : ": " + line));
    }

    /** Keeps the end of what the command says of itself. */
    private void listen() {
        try (InputStream words = process.getErrorStream()) {
            byte[] chunk = new byte[1024];
            for (int length = words.read(chunk); length >= 0; length = words.read(chunk)) {
                synchronized (said) {
                    said.append(new String(chunk, 0, length, StandardCharsets.UTF_8));
                    said.delete(0, Math.max(0, said.length() - MAX_SAID));
                }
            }
        } catch (IOException e) {
            // The process has ended.
        }
    }
}
