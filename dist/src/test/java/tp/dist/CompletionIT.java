package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tp.testkit.laptop.Laptop;

/** What the tab key does after `tp`, in each shell, on a terminal, beside a real cluster. */
class CompletionIT {

    /** What is typed before the tab key, and the words that are then there. */
    private static final List<List<String>> CASES =
            List.of(
                    List.of("tp stat", "tp|status"),
                    List.of("tp sandbox do", "tp|sandbox|down"),
                    List.of("tp connect --tr", "tp|connect|--transport"),
                    List.of("tp connect --transport po", "tp|connect|--transport|port-forward"),
                    List.of("tp connect --dns=res", "tp|connect|--dns=resolv.conf"),
                    List.of("tp status -o y", "tp|status|-o|yaml"),
                    List.of("tp connect --context sand", "tp|connect|--context|sandbox"),
                    List.of("tp connect --context=sand", "tp|connect|--context=sandbox"),
                    List.of("tp connect --context arn:", "tp|connect|--context|arn:aws:eks:1/dev"),
                    List.of(
                            "tp connect --context=arn:aws:e",
                            "tp|connect|--context=arn:aws:eks:1/dev"),
                    List.of("tp connect --context admin@h", "tp|connect|--context|admin@home"),
                    List.of("tp connect --context two", "tp|connect|--context|two words"),
                    List.of("tp connect --context 'two", "tp|connect|--context|two words"),
                    List.of("tp connect --context nobody", "tp|connect|--context|nobody"),
                    List.of("tp connect -n team", "tp|connect|-n|team-a"),
                    List.of("tp connect --namespace=team", "tp|connect|--namespace=team-a"),
                    List.of(
                            "tp connect --mapped-namespaces default,te",
                            "tp|connect|--mapped-namespaces|default,team-a"),
                    List.of(
                            "tp connect --mapped-namespaces=default,te\t,kube-p",
                            "tp|connect|--mapped-namespaces=default,team-a,kube-public"),
                    List.of(
                            "tp connect --kubeconfig /etc/hostn",
                            "tp|connect|--kubeconfig|/etc/hostname"),
                    List.of(
                            "tp connect --kubeconfig=/etc/hostn",
                            "tp|connect|--kubeconfig=/etc/hostname"),
                    List.of("tp connect -- unshar", "tp|connect|--|unshare"),
                    List.of(
                            "tp connect -n x -- cat /etc/hostn",
                            "tp|connect|-n|x|--|cat|/etc/hostname"),
                    List.of("tp sandbox run cat /etc/hostn", "tp|sandbox|run|cat|/etc/hostname"),
                    List.of("tp quit not", "tp|quit|not"));

    private static final String CONTEXTS =
            """
            apiVersion: v1
            kind: Config
            contexts:
            - {name: "arn:aws:eks:1/dev", context: {cluster: c, user: u}}
            - {name: admin@home, context: {cluster: c, user: u}}
            - {name: two words, context: {cluster: c, user: u}}
            - {name: plugged, context: {cluster: c, user: plugged}}
            - {name: silent, context: {cluster: c, user: u, namespace: known}}
            clusters:
            - {name: c, cluster: {server: "https://192.0.2.1:6443"}}
            users:
            - {name: u, user: {token: secret}}
            - {name: plugged, user: {exec: {command: "%s", apiVersion: client.authentication.k8s.io/v1}}}
            """;

    /** How to start each, and what makes it ready. */
    enum Shell {
        BASH("bash --norc --noprofile", "PS1='ready> '; source <(tp completion bash)"),
        ZSH("zsh -f", "PROMPT='ready> '; source <(tp completion zsh)"),
        FISH(
                "fish --no-config",
                "set -g fish_autosuggestion_enabled 0; function fish_prompt; echo 'ready> '; end;"
                        + " tp completion fish | source");

        private final String command;
        private final String setUp;

        Shell(String command, String setUp) {
            this.command = command;
            this.setUp = setUp;
        }
    }

    @TempDir Path folder;

    private ShellSession session(Shell shell) throws IOException, InterruptedException {
        Path extra = folder.resolve("extra");
        Files.writeString(extra, CONTEXTS.formatted("false"));
        ShellSession session = ShellSession.inSandbox("env HOME=" + folder + " " + shell.command);
        session.type(
                "export KUBECONFIG=\"$KUBECONFIG:"
                        + extra
                        + "\"; "
                        + shell.setUp
                        + "; echo se''t\n");
        session.await(Pattern.compile("[\r\n]set\r?\n"));
        return session;
    }

    @Test
    @Needs({"script", "bash"})
    void theTabKeyCompletesWordsInBash() throws Exception {
        theTabKeyCompletesWords(Shell.BASH);
    }

    @Test
    @Needs({"script", "zsh"})
    void theTabKeyCompletesWordsInZsh() throws Exception {
        theTabKeyCompletesWords(Shell.ZSH);
    }

    @Test
    @Needs({"script", "fish"})
    void theTabKeyCompletesWordsInFish() throws Exception {
        theTabKeyCompletesWords(Shell.FISH);
    }

    private void theTabKeyCompletesWords(Shell shell) throws Exception {
        try (ShellSession session = session(shell)) {
            for (List<String> one : CASES) {
                // To the begin of the line, so that the words are arguments, and to its end.
                session.type(one.getFirst() + "\t\u0001printf '[%s]' \u0005 END\n");
                String words =
                        session.await(Pattern.compile("\\[(tp\\].*?)\\]?\\[END\\]")).group(1);
                assertThat(words.replace("][", "|").replace("]", ""))
                        .as("%s: %s", shell, one.getFirst())
                        .isEqualTo(one.getLast());
            }
            // What is listed is explained.
            session.type("tp \t\t");
            session.await(Pattern.compile("(?s)connect.{1,60}Joins this machine"));
        }
    }

    @Test
    void theSandboxesCommandsAreThoseThatItHas() throws Exception {
        List<String> completed =
                printed(Laptop.tp().toString(), "__complete", "--", "sandbox", "")
                        .lines()
                        .filter(line -> !line.startsWith(":"))
                        .map(line -> line.split("\t", -1)[0])
                        .toList();
        String help = printed(Laptop.tp().toString(), "sandbox", "--help");

        assertThat(
                        Pattern.compile("(?m)^  ([a-z]+)  ")
                                .matcher(help.substring(help.indexOf("Commands:")))
                                .results()
                                .map(match -> match.group(1)))
                .containsExactlyInAnyOrderElementsOf(completed)
                .isNotEmpty();
    }

    @Test
    void completionNeverRunsCredentialPlugInsAndNeverWaitsLong() throws Exception {
        Path ran = folder.resolve("ran");
        Path plugin = folder.resolve("plugin");
        Files.writeString(plugin, "#!/bin/sh\ntouch " + ran + "\nsleep 60\n");
        assertThat(plugin.toFile().setExecutable(true)).isTrue();
        Path config = folder.resolve("config");
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String contexts = CONTEXTS.formatted(plugin);
            Files.writeString(
                    config,
                    contexts.replace("192.0.2.1:6443", "127.0.0.1:" + silent.getLocalPort()));
            for (String context : List.of("plugged", "silent")) {
                long startNs = System.nanoTime();
                String told =
                        printed(
                                Laptop.tp().toString(),
                                "__complete",
                                "--",
                                "connect",
                                "--kubeconfig=" + config,
                                "--context=" + context,
                                "--namespace",
                                "");
                assertThat(told).isEqualTo("known\t\n:words\n");
                // About one second, with room for a machine that is busy.
                assertThat(Duration.ofNanos(System.nanoTime() - startNs))
                        .isLessThan(Duration.ofSeconds(4));
            }
        }
        assertThat(ran).doesNotExist();
    }

    private static String printed(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return out;
    }
}
