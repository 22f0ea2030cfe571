package tp.cli;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A kubeconfig as completion needs it: whatever cannot be read is left out without a word. What
 * connects has a reader of its own, which tells what is wrong. Holds credentials.
 */
final class Kubeconfig {

    private static final int MOST_BYTES = 4 << 20;

    /** Of the things in a file, by kind and name; of several files the first has its way. */
    private final Map<String, Map<String, Entry>> entries = new LinkedHashMap<>();

    private String currentContext = "";

    /**
     * A context, cluster or user.
     *
     * @param folder where its relative paths begin
     */
    record Entry(Map<?, ?> fields, Path folder) {

        String text(String key) {
            return fields.get(key) instanceof String text ? text : "";
        }

        boolean has(String key) {
            return fields.get(key) != null && !Boolean.FALSE.equals(fields.get(key));
        }

        /** {@return the file that is named under that key, empty where none is} */
        Optional<Path> file(String key) {
            return text(key).isEmpty() ? Optional.empty() : Optional.of(folder.resolve(text(key)));
        }

        @Override
        public String toString() {
            return "Entry";
        }
    }

    private Kubeconfig() {}

    /**
     * @param named the value of {@code --kubeconfig}, as it was typed
     */
    static Kubeconfig read(Optional<String> named, Map<String, String> environment) {
        String home = environment.getOrDefault("HOME", "");
        Kubeconfig kubeconfig = new Kubeconfig();
        List<Path> files = new ArrayList<>();
        if (named.isPresent()) {
            // The shell gives the word before it puts the home directory in.
            files.add(Path.of(named.get().replaceFirst("^~(?=/)", home)));
        } else {
            Stream.of(environment.getOrDefault("KUBECONFIG", "").split(File.pathSeparator, -1))
                    .filter(part -> !part.isBlank())
                    .forEach(part -> files.add(Path.of(part)));
        }
        if (files.isEmpty()) {
            files.add(Path.of(home, ".kube", "config"));
        }
        files.forEach(kubeconfig::add);
        return kubeconfig;
    }

    Map<String, Entry> contexts() {
        return all("context");
    }

    /** {@return the name of the context that is meant} */
    String chosen(Optional<String> context) {
        return context.orElse(currentContext);
    }

    Optional<Entry> context(String name) {
        return Optional.ofNullable(all("context").get(name));
    }

    Optional<Entry> cluster(String name) {
        return Optional.ofNullable(all("cluster").get(name));
    }

    Optional<Entry> user(String name) {
        return Optional.ofNullable(all("user").get(name));
    }

    private Map<String, Entry> all(String kind) {
        return entries.computeIfAbsent(kind, none -> new LinkedHashMap<>());
    }

    private void add(Path file) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        if (folder == null || !(parsed(file) instanceof Map<?, ?> content)) {
            return;
        }
        if (currentContext.isEmpty() && content.get("current-context") instanceof String name) {
            currentContext = name;
        }
        for (String kind : List.of("context", "cluster", "user")) {
            if (content.get(kind + "s") instanceof List<?> list) {
                list.forEach(element -> add(kind, element, folder));
            }
        }
    }

    private void add(String kind, Object element, Path folder) {
        if (element instanceof Map<?, ?> named
                && named.get("name") instanceof String name
                && named.get(kind) instanceof Map<?, ?> fields) {
            all(kind).putIfAbsent(name, new Entry(fields, folder));
        }
    }

    private static @Nullable Object parsed(Path file) {
        LoadSettings settings =
                LoadSettings.builder()
                        .setCodePointLimit(MOST_BYTES)
                        .setAllowDuplicateKeys(true)
                        .build();
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try (InputStream bytes = Files.newInputStream(file)) {
            return new Load(settings).loadFromInputStream(bytes);
        } catch (IOException | YamlEngineException e) {
            return null;
        }
    }
}
