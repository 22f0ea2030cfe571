package com.example.tp.exec;

import java.util.Optional;
import tp.spi.common.Assessment;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.spi.transport.TransportProvider;

/** Reaches the manager through the command that {@code TP_EXEC_COMMAND} holds. */
public final class ExecProvider implements TransportProvider {

    private static final String VARIABLE = "TP_EXEC_COMMAND";

    /** Below every transport that needs no command; chosen by {@code --transport=exec}. */
    private static final int SCORE = 5;

    private final Optional<String> command;

    /** As the service loader finds it. */
    public ExecProvider() {
        this(Optional.ofNullable(System.getenv(VARIABLE)));
    }

    ExecProvider(Optional<String> command) {
        this.command = command.map(String::strip).filter(text -> !text.isEmpty());
    }

    @Override
    public String id() {
        return "exec";
    }

    @Override
    public Assessment assess(TransportContext context) {
        return command.<Assessment>map(
                        text -> new Assessment.Usable(SCORE, "through the command of " + VARIABLE))
                .orElseGet(() -> new Assessment.Unusable(VARIABLE + " holds no command"));
    }

    @Override
    public Transport create(TransportContext context) {
        return new ExecTransport(command.orElse("false"), context.manager());
    }
}
