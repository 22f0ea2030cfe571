package tp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What may follow which words, and where it comes from. */
class CompletionTest {

    /** A cluster whose names tell how it was asked for. */
    private static final class FakeSources implements Completion.Sources {

        private final List<String> asked = new ArrayList<>();

        @Override
        public Map<String, String> contexts(Optional<String> kubeconfig) {
            asked.add("contexts of " + kubeconfig.orElse("-"));
            return new TreeMap<>(
                    Map.of("prod", "cluster p", "preview", "cluster q", "bad\nname", "", "", ""));
        }

        @Override
        public Set<String> namespaces(Optional<String> kubeconfig, Optional<String> context) {
            asked.add("namespaces of " + context.orElse("-") + " in " + kubeconfig.orElse("-"));
            return new TreeSet<>(Set.of("default", "dev", "team-a"));
        }

        @Override
        public Map<String, String> intercepts() {
            asked.add("intercepts");
            return Map.of("web", "namespace pay");
        }

        @Override
        public Map<String, String> providers(String point) {
            asked.add(point);
            return Map.of("port-forward", "usable: yes");
        }
    }

    private static CommandSpec spec() {
        CommandSpec connect = CommandSpec.create().name("connect");
        connect.usageMessage().description("Joins. At once.");
        for (String name :
                List.of("--context", "--kubeconfig", "--mapped-namespaces", "--transport")) {
            connect.addOption(OptionSpec.builder(name).arity("1").description("Is it.").build());
        }
        connect.addOption(OptionSpec.builder("-n", "--namespace").arity("1").build());
        connect.addOption(OptionSpec.builder("--debug").description("More; or less.").build());
        connect.addOption(OptionSpec.builder("--inside").hidden(true).build());
        connect.addOption(
                OptionSpec.builder("--output")
                        .arity("1")
                        .completionCandidates(List.of("json", "yaml"))
                        .build());
        return CommandSpec.create()
                .name("tp")
                .addSubcommand("connect", connect)
                .addSubcommand("quit", CommandSpec.create().name("quit"))
                .addSubcommand("leave", CommandSpec.create().name("leave"))
                .addSubcommand("sandbox", Sandbox.spec());
    }

    private static String complete(FakeSources sources, String typed) {
        List<String> words = Arrays.asList(typed.split(" ", -1));
        return Completion.told(Completion.after(words, spec(), sources));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                          | connect leave quit sandbox :words",
                "c                                           | connect :words",
                "connect ''                                  | :words",
                "connect --co                                | --context :words",
                "connect --debug --d                         | :words",
                "connect -                                   | --context --kubeconfig"
                        + " --mapped-namespaces --transport -n --namespace --debug --output :words",
                "connect --context ''                        | preview prod :words",
                "connect --context pro                       | prod :words",
                "connect --context=pro                       | --context=prod :words",
                "connect -n d                                | default dev :words",
                "connect --namespace=d                       | --namespace=default --namespace=dev :words",
                "connect --mapped-namespaces default,d       | default,dev :open",
                "connect --mapped-namespaces=dev,default,    | --mapped-namespaces=dev,default,team-a"
                        + " :open",
                "connect --transport p                       | port-forward :words",
                "connect --output ''                         | json yaml :words",
                "connect --output=j                          | --output=json :words",
                "connect --kubeconfig ''                     | :files",
                "connect --kubeconfig=/x                     | :files",
                "connect --what=x                            | :words",
                "connect --what x --context=pro              | --context=prod :words",
                "connect -- ''                               | :command 3",
                "connect --debug -- ls -                     | :command 4",
                "connect --context -- pro                    | :words",
                "quit -- l                                   | :words",
                "sandbox s                                   | samples shell status :words",
                "sandbox run ''                              | :command 3",
                "sandbox run cat /e                          | :command 3",
                "sandbox shell -- cat                        | :command 4",
                "sandbox up ''                               | :words",
                "leave ''                                    | web :words",
                "leave web ''                                | :words",
                "what ''                                     | connect leave quit sandbox :words",
            })
    void followsFromTheWords(String typed, String expected) {
        String told =
                complete(
                        new FakeSources(),
                        typed.replace("''", "").strip().isEmpty() ? "" : typed.replace("''", ""));

        assertThat(
                        told.lines()
                                .map(line -> line.split("\t", -1)[0])
                                .collect(Collectors.joining(" ")))
                .isEqualTo(expected);
    }

    @Test
    void tellsWhatCandidatesMean() {
        assertThat(complete(new FakeSources(), "con")).isEqualTo("connect\tJoins\n:words\n");
        assertThat(complete(new FakeSources(), "connect --d")).isEqualTo("--debug\tMore\n:words\n");
        assertThat(complete(new FakeSources(), "connect --context prod"))
                .isEqualTo("prod\tcluster p\n:words\n");
    }

    @Test
    void asksOnlyForWhatIsCompletedAndWhereItWouldBeUsed() {
        FakeSources sources = new FakeSources();
        complete(sources, "connect --");
        assertThat(sources.asked).isEmpty();

        complete(sources, "connect --kubeconfig=/k --context ");
        complete(sources, "connect --context=c --kubeconfig /k -n ");
        assertThat(sources.asked).containsExactly("contexts of /k", "namespaces of c in /k");
    }

    @Test
    void knowsTheOptionsOfTheRealCommands(@TempDir Path folder) {
        Invocation user = new Invocation(folder);
        assertThat(user.tp("__complete", "--", "connect", "--mapped")).isZero();
        assertThat(user.tp("__complete", "--", "connect", "--")).isZero();
        assertThat(user.tp("__complete", "--", "completion", "z")).isZero();
        assertThat(user.tp("__complete", "--", "demo", "--in")).isZero();

        assertThat(user.out())
                .startsWith("--mapped-namespaces\tNothing but these can be reached\n:words\n")
                .contains("--context\t", "--debug\t")
                .endsWith("zsh\t\n:words\n:words\n")
                .doesNotContain("--inside");
        assertThat(user.err()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void printsAScriptForEachShell(CompletionCommand.Shell shell, @TempDir Path folder) {
        Invocation user = new Invocation(folder);

        assertThat(user.tp("completion", shell.name())).isZero();
        assertThat(user.out()).contains("__complete --", "tp completion " + shell.name());
    }

    @Test
    void readsContextsAsKubectlDoes(@TempDir Path folder) throws Exception {
        Path first =
                Files.writeString(
                        folder.resolve("first"), kubeconfig("one", "c1", "current-context: one"));
        Path second =
                Files.writeString(
                        folder.resolve("second"), kubeconfig("two", "c2", "current-context: two"));
        Path again = Files.writeString(folder.resolve("again"), kubeconfig("one", "c3", ""));
        Path broken = Files.writeString(folder.resolve("broken"), "contexts: [");
        String list =
                first + ":" + folder.resolve("absent") + ":" + broken + "::" + second + ":" + again;

        Kubeconfig config = Kubeconfig.read(Optional.empty(), Map.of("KUBECONFIG", list));
        assertThat(config.contexts()).containsOnlyKeys("one", "two");
        assertThat(config.context("one").orElseThrow().text("cluster")).isEqualTo("c1");
        assertThat(config.chosen(Optional.empty())).isEqualTo("one");
        assertThat(config.chosen(Optional.of("two"))).isEqualTo("two");

        Files.createDirectories(folder.resolve(".kube"));
        Files.copy(second, folder.resolve(".kube/config"));
        Map<String, String> home = Map.of("HOME", folder.toString());
        assertThat(Kubeconfig.read(Optional.empty(), home).contexts()).containsOnlyKeys("two");
        assertThat(Kubeconfig.read(Optional.of("~/again"), home).contexts())
                .containsOnlyKeys("one");
        assertThat(Kubeconfig.read(Optional.of("/no/such"), home).contexts()).isEmpty();
    }

    private static String kubeconfig(String context, String cluster, String more) {
        return "contexts: [{name: %s, context: {cluster: %s}}, 7, {name: x}, {context: {}}]\n%s\n"
                .formatted(context, cluster, more);
    }
}
