package tp.kube;

import io.fabric8.kubernetes.api.model.Config;
import io.fabric8.kubernetes.api.model.Context;
import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.api.model.NamedCluster;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import tp.spi.common.TpException;

/**
 * The files of a kubeconfig, of which the first to name a thing wins, and the context chosen in
 * them. Holds credentials: has no {@code toString} on purpose, and no message quotes a file.
 */
final class Kubeconfig {

    private static final long MOST_BYTES = 4 << 20;
    private static final int MOST_NAMES = 20;

    private final List<Config> files;
    private final NamedContext context;
    private final NamedCluster cluster;
    private final NamedAuthInfo user;

    private Kubeconfig(
            List<Config> files, NamedContext context, NamedCluster cluster, NamedAuthInfo user) {
        this.files = files;
        this.context = context;
        this.cluster = cluster;
        this.user = user;
    }

    static Kubeconfig load(KubeSettings settings, Map<String, String> environment) {
        List<Path> paths = paths(settings, environment);
        List<Config> files = paths.stream().map(Kubeconfig::parse).toList();
        NamedContext context = choose(settings, files, paths);
        Context chosen = context.getContext();
        String where = "context '" + context.getName() + "'";
        NamedCluster cluster =
                files.stream()
                        .flatMap(file -> file.getClusters().stream())
                        .filter(named -> Objects.equals(named.getName(), chosen.getCluster()))
                        .filter(named -> named.getCluster() != null)
                        .findFirst()
                        .orElseThrow(() -> broken(where, "cluster", chosen.getCluster()));
        NamedAuthInfo user =
                files.stream()
                        .flatMap(file -> file.getUsers().stream())
                        .filter(named -> Objects.equals(named.getName(), chosen.getUser()))
                        .filter(named -> named.getUser() != null)
                        .findFirst()
                        .orElseThrow(() -> broken(where, "user", chosen.getUser()));
        return new Kubeconfig(files, context, cluster, user);
    }

    String contextName() {
        return context.getName();
    }

    String namespace() {
        String namespace = context.getContext().getNamespace();
        return namespace == null || namespace.isBlank() ? "default" : namespace;
    }

    NamedCluster cluster() {
        return cluster;
    }

    NamedAuthInfo user() {
        return user;
    }

    List<Config> files() {
        return files;
    }

    /** {@return the folder that relative paths of the user's credentials start from} */
    Optional<Path> userFolder() {
        NamedContext carrier = new NamedContext();
        user.getAdditionalProperties().forEach(carrier::setAdditionalProperty);
        File file = KubeConfigUtils.getFileWithNamedAuthInfo(carrier);
        return Optional.ofNullable(file)
                .map(File::toPath)
                .map(path -> path.toAbsolutePath().normalize().getParent());
    }

    private static List<Path> paths(KubeSettings settings, Map<String, String> environment) {
        if (settings.kubeconfig().isPresent()) {
            return List.of(settings.kubeconfig().get());
        }
        List<Path> named =
                Stream.of(environment.getOrDefault("KUBECONFIG", "").split(File.pathSeparator))
                        .filter(path -> !path.isBlank())
                        .map(Path::of)
                        .toList();
        if (named.isEmpty()) {
            String home = environment.getOrDefault("HOME", System.getProperty("user.home"));
            return List.of(Path.of(home, ".kube", "config"));
        }
        // As with kubectl, a file of several may be absent; if all are, the first is reported.
        List<Path> present = named.stream().filter(Files::exists).toList();
        return present.isEmpty() ? List.of(named.getFirst()) : present;
    }

    private static Config parse(Path path) {
        check(path);
        try {
            boolean blank = Files.readString(path).isBlank();
            return completed(blank ? new Config() : KnownKinds.kubeconfig(path));
        } catch (IOException | RuntimeException | StackOverflowError e) {
            // The parser's message quotes the file, which holds credentials: it is not passed on.
            // In a list that has itself as an element it loses its way.
            throw TpException.environment(
                    "the kubeconfig " + path + " is not valid YAML of a kubeconfig" + line(e),
                    "'kubectl config view' shows what is wrong with it");
        }
    }

    private static void check(Path path) {
        if (!Files.exists(path)) {
            throw TpException.environment(
                    "there is no kubeconfig " + path,
                    "name one with --kubeconfig or in KUBECONFIG");
        }
        if (!Files.isRegularFile(path)) {
            throw TpException.environment("the kubeconfig " + path + " is no file", "name a file");
        }
        if (!Files.isReadable(path)) {
            throw TpException.environment(
                    "the kubeconfig " + path + " may not be read",
                    "give yourself the right to read it, or name another with --kubeconfig");
        }
        if (path.toFile().length() > MOST_BYTES) {
            throw TpException.environment(
                    "the kubeconfig " + path + " is larger than 4 MiB", "name another");
        }
    }

    private static String line(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof tools.jackson.core.JacksonException parsing
                    && parsing.getLocation() != null
                    && parsing.getLocation().getLineNr() > 0) {
                return " (line " + parsing.getLocation().getLineNr() + ")";
            }
        }
        return "";
    }

    /** An absent list is an empty one. */
    private static Config completed(Config file) {
        if (file.getContexts() == null) {
            file.setContexts(new ArrayList<>());
        }
        if (file.getClusters() == null) {
            file.setClusters(new ArrayList<>());
        }
        if (file.getUsers() == null) {
            file.setUsers(new ArrayList<>());
        }
        return file;
    }

    private static NamedContext choose(
            KubeSettings settings, List<Config> files, List<Path> paths) {
        String where = paths.size() == 1 ? paths.getFirst().toString() : paths.toString();
        Optional<String> wanted =
                settings.context()
                        .or(
                                () ->
                                        files.stream()
                                                .map(Config::getCurrentContext)
                                                .filter(name -> name != null && !name.isBlank())
                                                .findFirst());
        if (wanted.isEmpty()) {
            String known = known(files);
            throw TpException.environment(
                    "no current context in " + where,
                    known.isEmpty()
                            ? "it has none at all: name another with --kubeconfig"
                            : "choose one with --context: " + known);
        }
        return files.stream()
                .flatMap(file -> file.getContexts().stream())
                .filter(named -> wanted.get().equals(named.getName()))
                .filter(named -> named.getContext() != null)
                .findFirst()
                .orElseThrow(
                        () ->
                                TpException.usage(
                                        "no context '"
                                                + Failures.oneLine(wanted.get())
                                                + "' in "
                                                + where,
                                        known(files).isEmpty()
                                                ? "it has none at all: name another with"
                                                        + " --kubeconfig"
                                                : "known contexts: " + known(files)));
    }

    private static String known(List<Config> files) {
        var names = new TreeSet<String>();
        files.stream()
                .flatMap(file -> file.getContexts().stream())
                .filter(named -> named.getName() != null && named.getContext() != null)
                .forEach(named -> names.add(named.getName()));
        String shown = String.join(", ", names.stream().limit(MOST_NAMES).toList());
        return names.size() <= MOST_NAMES ? shown : shown + " and " + (names.size() - MOST_NAMES);
    }

    private static TpException broken(String where, String kind, String name) {
        return TpException.environment(
                where + " names the " + kind + " '" + name + "', which the kubeconfig lacks",
                "repair it, or choose another --context");
    }
}
