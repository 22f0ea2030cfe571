package com.example.tp.exec;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tp.spi.transport.ByteLink;
import tp.spi.transport.Link;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.Transport;

/**
 * Runs the command by {@code sh}, once for each link. The command finds where the manager is in
 * {@code TP_NAMESPACE}, {@code TP_POD} and {@code TP_PORT}.
 */
final class ExecTransport implements Transport {

    private final String command;
    private final ManagerLocation manager;
    private final Set<CommandPipe> open = new HashSet<>(); // guarded by itself
    private boolean closed; // guarded by open

    ExecTransport(String command, ManagerLocation manager) {
        this.command = command;
        this.manager = manager;
    }

    @Override
    public Link open() throws IOException {
        ProcessBuilder shell = new ProcessBuilder(List.of("sh", "-c", command));
        shell.environment()
                .putAll(
                        Map.of(
                                "TP_NAMESPACE", manager.namespace(),
                                "TP_POD", manager.pod(),
                                "TP_PORT", Integer.toString(manager.port())));
        synchronized (open) {
            if (closed) {
                throw new IOException("the transport is closed");
            }
            CommandPipe pipe = CommandPipe.start(shell);
            open.removeIf(old -> !old.isOpen());
            open.add(pipe);
            return new ByteLink(pipe);
        }
    }

    @Override
    public void close() {
        synchronized (open) {
            closed = true;
            open.forEach(CommandPipe::close);
            open.clear();
        }
    }
}
