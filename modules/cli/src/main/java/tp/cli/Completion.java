package tp.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What may follow the words that are typed so far. Asks the sources for what is not fixed. */
final class Completion {

    /** A whole word, and what it means, for shells that show that. */
    record Candidate(String word, String meaning) {}

    /** What follows. */
    sealed interface Next {

        /**
         * @param open whether the word may go on after a candidate
         */
        record Words(List<Candidate> candidates, boolean open) implements Next {}

        record Files() implements Next {}

        /**
         * Another program with its arguments.
         *
         * @param at which word its name is, counted from `tp` as 0
         */
        record Command(int at) implements Next {}
    }

    /** What only files and clusters know. Gives nothing where it does not know, or not soon. */
    interface Sources {

        /** {@return the contexts, each with a few words} */
        Map<String, String> contexts(Optional<String> kubeconfig);

        Set<String> namespaces(Optional<String> kubeconfig, Optional<String> context);

        /** {@return the intercepts of the session, each with a few words} */
        Map<String, String> intercepts();

        /** {@return the providers of that extension point, each with a few words} */
        Map<String, String> providers(String point);
    }

    private static final Next NOTHING = new Next.Words(List.of(), false);

    private final Sources sources;
    private final Map<String, String> given = new HashMap<>();
    private CommandSpec command;
    private int positionals;

    private Completion(CommandSpec root, Sources sources) {
        this.command = root;
        this.sources = sources;
    }

    /**
     * @param words after `tp`; the last one is not complete, and may be empty
     */
    static Next after(List<String> words, CommandSpec root, Sources sources) {
        return new Completion(root, sources).next(words);
    }

    private Next next(List<String> words) {
        int last = words.size() - 1;
        for (int i = 0; i < last; i++) {
            String word = words.get(i);
            Optional<OptionSpec> option = option(word);
            if (word.equals("--")) {
                return takesCommand() ? new Next.Command(i + 2) : NOTHING;
            } else if (option.isPresent() && takesValue(option.get()) && word.indexOf('=') < 0) {
                i++;
                if (i == last) {
                    return values(option.get(), "", words.get(last));
                }
                given.put(option.get().longestName(), words.get(i));
            } else if (option.isPresent()) {
                given.put(option.get().longestName(), word.substring(word.indexOf('=') + 1));
            } else if (command.subcommands().containsKey(word)) {
                command = command.subcommands().get(word).getCommandSpec();
            } else if (!word.startsWith("-")) {
                if (Sandbox.runs(command)) {
                    return new Next.Command(i + 1);
                }
                positionals++;
            }
        }
        return last < 0 ? NOTHING : last(words.get(last), last + 1);
    }

    private Next last(String word, int at) {
        if (!word.startsWith("-")) {
            return Sandbox.runs(command) ? new Next.Command(at) : positional(word);
        }
        int equals = word.indexOf('=');
        if (equals < 0) {
            return words(options(word), false);
        }
        return option(word)
                .filter(Completion::takesValue)
                .map(
                        option ->
                                values(
                                        option,
                                        word.substring(0, equals + 1),
                                        word.substring(equals + 1)))
                .orElse(NOTHING);
    }

    private boolean takesCommand() {
        return command.name().equals("connect") || Sandbox.runs(command);
    }

    private static boolean takesValue(OptionSpec option) {
        return option.arity().max() > 0;
    }

    private Optional<OptionSpec> option(String word) {
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        return Optional.ofNullable(command.optionsMap().get(name));
    }

    private Stream<Candidate> options(String start) {
        return command.options().stream()
                .filter(option -> !option.hidden())
                .filter(option -> !given.containsKey(option.longestName()))
                .flatMap(
                        option ->
                                Arrays.stream(option.names())
                                        .map(name -> new Candidate(name, meaning(option))))
                .filter(candidate -> candidate.word().startsWith(start));
    }

    private Next positional(String start) {
        Map<String, String> words = new TreeMap<>();
        for (CommandLine inner : command.subcommands().values()) {
            CommandSpec spec = inner.getCommandSpec();
            if (!spec.usageMessage().hidden()) {
                words.put(spec.name(), firstSentence(spec.usageMessage().description()));
            }
        }
        command.positionalParameters().stream()
                .filter(parameter -> parameter.index().contains(positionals))
                .forEach(parameter -> words.putAll(fixed(parameter)));
        if (command.name().equals("leave") && positionals == 0) {
            words.putAll(sources.intercepts());
        }
        return words(matching(words, "", start), false);
    }

    private Next values(OptionSpec option, String before, String start) {
        Optional<String> kubeconfig = Optional.ofNullable(given.get("--kubeconfig"));
        Optional<String> context = Optional.ofNullable(given.get("--context"));
        return switch (option.longestName()) {
            case "--kubeconfig" -> new Next.Files();
            case "--context" -> words(matching(sources.contexts(kubeconfig), before, start), false);
            case "--namespace" ->
                    words(
                            matching(plain(sources.namespaces(kubeconfig, context)), before, start),
                            false);
            case "--mapped-namespaces" ->
                    list(sources.namespaces(kubeconfig, context), before, start);
            case "--transport" -> words(matching(providers("transport"), before, start), false);
            case "--dns" -> words(matching(providers("dns"), before, start), false);
            default -> words(matching(fixed(option), before, start), false);
        };
    }

    private Map<String, String> providers(String point) {
        return sources.providers(point);
    }

    /** One more of a list with commas, of those that are not in it yet. */
    private static Next list(Set<String> names, String before, String start) {
        int comma = start.lastIndexOf(',') + 1;
        Set<String> left = new LinkedHashSet<>(names);
        List.of(start.substring(0, comma).split(",", -1)).forEach(left::remove);
        return words(
                matching(plain(left), before + start.substring(0, comma), start.substring(comma)),
                true);
    }

    private static Map<String, String> fixed(ArgSpec argument) {
        @Nullable Iterable<String> candidates = argument.completionCandidates();
        return candidates == null
                ? Map.of()
                : plain(
                        new LinkedHashSet<>(
                                StreamSupport.stream(candidates.spliterator(), false).toList()));
    }

    private static Map<String, String> plain(Set<String> names) {
        Map<String, String> words = new TreeMap<>();
        names.forEach(name -> words.put(name, ""));
        return words;
    }

    private static Stream<Candidate> matching(
            Map<String, String> words, String before, String start) {
        return words.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(start))
                .map(entry -> new Candidate(before + entry.getKey(), entry.getValue()));
    }

    private static Next words(Stream<Candidate> candidates, boolean open) {
        return new Next.Words(candidates.filter(Completion::isOneLine).toList(), open);
    }

    /** What comes from a kubeconfig goes to a shell: nothing that would be more than a word. */
    private static boolean isOneLine(Candidate candidate) {
        return !candidate.word().isEmpty()
                && (candidate.word() + candidate.meaning())
                        .codePoints()
                        .noneMatch(Character::isISOControl);
    }

    private static String meaning(OptionSpec option) {
        return firstSentence(option.description());
    }

    private static String firstSentence(String[] description) {
        String text = description.length == 0 ? "" : description[0];
        return text.split("[.;:](?= |$)", 2)[0];
    }

    /** {@return the answer as the scripts of the shells read it} */
    static String told(Next next) {
        return switch (next) {
            case Next.Files files -> ":files\n";
            case Next.Command command -> ":command " + command.at() + "\n";
            case Next.Words words -> {
                List<String> lines = new ArrayList<>();
                for (Candidate candidate : words.candidates()) {
                    lines.add(candidate.word() + "\t" + candidate.meaning());
                }
                lines.add(words.open() ? ":open" : ":words");
                yield String.join("\n", lines) + "\n";
            }
        };
    }
}
