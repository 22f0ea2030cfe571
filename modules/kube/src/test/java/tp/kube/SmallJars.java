package tp.kube;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/** Stand-ins for the manager's jars: one that is ours, and one of a library. */
final class SmallJars {

    private SmallJars() {}

    static SortedMap<String, byte[]> contents() {
        SortedMap<String, byte[]> contents = new TreeMap<>();
        contents.put("io.example.jar", "a library".getBytes(StandardCharsets.UTF_8));
        contents.put("tp.manager.jar", "the manager".getBytes(StandardCharsets.UTF_8));
        return contents;
    }

    static void write(Path folder) throws IOException {
        for (var jar : contents().entrySet()) {
            Files.write(folder.resolve(jar.getKey()), jar.getValue());
        }
    }
}
