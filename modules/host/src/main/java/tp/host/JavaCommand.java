package tp.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How another process of tp is started: from the runtime image that {@code tp.home} names, else as
 * this one was (module path and class path of a development build). Small and quick to start: a
 * heap of 32 MiB, the first compiler only, no shared statistics file, and from an image with its
 * classes in an archive.
 */
final class JavaCommand {

    private JavaCommand() {}

    static List<String> of(Class<?> main, List<String> arguments) {
        List<String> command = new ArrayList<>();
        String home = System.getProperty("tp.home");
        String java = home == null ? System.getProperty("java.home") : home;
        command.add(Path.of(java, "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Xmx32m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-XX:-UsePerfData"));
        String module = main.getModule().getName();
        if (home == null) {
            command.addAll(development());
        } else {
            // As dist/src/build/Archives.java has them, or else the archive is not used.
            command.addAll(
                    List.of(
                            "-XX:SharedArchiveFile=" + Path.of(home, "lib", "tp", "helper.jsa"),
                            "-Xlog:cds=off,aot=off",
                            "--enable-native-access=org.jnrproject.jffi,tp.os",
                            "-Dtp.home=" + home));
        }
        if (module != null) {
            command.addAll(List.of("-m", module + "/" + main.getName()));
        } else {
            command.add(main.getName());
        }
        command.addAll(arguments);
        return command;
    }

    private static List<String> development() {
        List<String> options = new ArrayList<>(List.of("--enable-native-access=ALL-UNNAMED"));
        String modules = System.getProperty("jdk.module.path", "");
        String classes = System.getProperty("java.class.path", "");
        if (!modules.isEmpty()) {
            options.addAll(List.of("-p", modules));
        }
        if (!classes.isEmpty()) {
            options.addAll(List.of("-cp", classes));
        }
        return options;
    }
}
