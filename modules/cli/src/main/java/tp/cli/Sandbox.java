package tp.cli;

import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/** The commands of `tp sandbox`, a program of its own, as far as completion has to know them. */
final class Sandbox {

    /** By name, with what each is for; an end-to-end test compares them with the program's own. */
    private static final Map<String, String> COMMANDS =
            Map.of(
                    "up", "Start a sandbox",
                    "down", "End the sandbox and all that runs in it",
                    "status", "Say whether a sandbox is up",
                    "run", "Run a command on the laptop of a fresh sandbox",
                    "shell", "Run a command or a shell on the laptop of the running sandbox",
                    "fault", "Let something go wrong in the running sandbox",
                    "samples", "Print its sample workloads for any cluster");

    private Sandbox() {}

    static CommandSpec spec() {
        CommandSpec sandbox = CommandSpec.create().name("sandbox");
        sandbox.usageMessage().description("A small cluster on this machine, for trying and tests");
        COMMANDS.forEach(
                (name, meaning) -> {
                    CommandSpec command = CommandSpec.create().name(name);
                    command.usageMessage().description(meaning);
                    sandbox.addSubcommand(name, command);
                });
        return sandbox;
    }

    /** {@return whether another command is an argument of that one} */
    static boolean runs(CommandSpec command) {
        CommandSpec outer = command.parent();
        return outer != null
                && outer.name().equals("sandbox")
                && (command.name().equals("run") || command.name().equals("shell"));
    }
}
