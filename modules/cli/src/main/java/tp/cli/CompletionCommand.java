package tp.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "completion",
        description = "Prints a script that teaches a shell to complete tp.",
        footer = {
            "",
            "bash: source <(tp completion bash)        in ~/.bashrc",
            "zsh:  source <(tp completion zsh)         in ~/.zshrc",
            "fish: tp completion fish | source         in ~/.config/fish/config.fish"
        })
final class CompletionCommand implements Callable<Integer> {

    /** The shells, as their names are typed. */
    enum Shell {
        bash,
        zsh,
        fish
    }

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    private @Nullable Shell shell;

    private final Terminal terminal;

    CompletionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        String file = "completion." + shell;
        try (InputStream script = CompletionCommand.class.getResourceAsStream(file)) {
            if (script == null) {
                throw new IllegalStateException(file + " is missing");
            }
            terminal.out().print(new String(script.readAllBytes(), StandardCharsets.UTF_8));
        }
        return Main.done();
    }
}
