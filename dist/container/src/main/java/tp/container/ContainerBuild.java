package tp.container;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.LogEvent;
import com.google.cloud.tools.jib.api.Ports;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes {@code tp-manager.tar}, an image in the OCI's layout (image-spec 1.1): the C library of the
 * machine that builds, a Java runtime that holds the manager and nothing else, and an account
 * without a name's rights. No shell, no package manager. The same modules and the same C library
 * give the same bytes.
 *
 * <p>Run by the build: {@code ContainerBuild <modules> <target>}.
 */
public final class ContainerBuild {

    /** What the manifests name; the registry does not exist. */
    static final String NAME = "tp.dev/manager:0.1.0";

    /** As distroless images have it. */
    static final String USER = "65532:65532";

    static final AbsoluteUnixPath HOME = AbsoluteUnixPath.get("/opt/tp");

    private static final List<String> PORTS =
            List.of("8443/tcp", "8444/tcp", "8445/tcp", "8446/udp");

    private static final Map<String, String> ACCOUNT =
            Map.of(
                    "/etc/passwd", "tp:x:65532:65532:tp:/:/sbin/nologin\n",
                    "/etc/group", "tp:x:65532:\n",
                    "/etc/nsswitch.conf", "hosts: files dns\n");

    private ContainerBuild() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 2) {
            throw new IllegalArgumentException("give the folder of modules and a target folder");
        }
        Path target = Path.of(arguments[1]).toAbsolutePath().normalize();
        Path tar = target.resolve("tp-manager.tar");
        long beganNs = System.nanoTime();
        build(Path.of(arguments[0]), target, tar);
        System.out.printf(
                "%s: %.1f MB, in %.1f s%n",
                tar, Files.size(tar) / 1e6, (System.nanoTime() - beganNs) / 1e9);
    }

    /**
     * @param modules the manager's, which the laptop's image brings along
     * @param work where intermediate files go
     */
    static void build(Path modules, Path work, Path tar) throws Exception {
        ManagerRuntime runtime = ManagerRuntime.link(modules, work.resolve("runtime"));
        JibContainerBuilder image =
                Jib.fromScratch()
                        .setPlatforms(Set.of(new Platform("amd64", "linux")))
                        .setFormat(ImageFormat.OCI)
                        .addFileEntriesLayer(cLibrary(runtime))
                        .addFileEntriesLayer(account(work.resolve("account")))
                        .addFileEntriesLayer(layer("runtime", runtime.files(), HOME))
                        .setUser(USER)
                        .setExposedPorts(Ports.parse(PORTS))
                        .setEntrypoint(runtime.command(Path.of(HOME.toString())));
        image.containerize(
                Containerizer.to(TarImage.at(tar).named(NAME))
                        .setOfflineMode(true)
                        .setToolName("tp")
                        .setBaseImageLayersCache(work.resolve("jib-base"))
                        .setApplicationLayersCache(work.resolve("jib-layers"))
                        .addEventHandler(LogEvent.class, ContainerBuild::say));
    }

    private static void say(LogEvent event) {
        if (event.getLevel() == LogEvent.Level.ERROR || event.getLevel() == LogEvent.Level.WARN) {
            System.err.println(event.getMessage());
        }
    }

    /** Where the machine's own loader looks for them, so that this one does. */
    private static FileEntriesLayer cLibrary(ManagerRuntime runtime)
            throws IOException, InterruptedException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName("c-library");
        for (Path library : CLibrary.of(runtime).files()) {
            add(layer, library.toRealPath(), AbsoluteUnixPath.fromPath(library), true);
        }
        return layer.build();
    }

    private static FileEntriesLayer account(Path work) throws IOException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName("account");
        Files.createDirectories(work);
        for (Map.Entry<String, String> file : new TreeMap<>(ACCOUNT).entrySet()) {
            Path text = work.resolve(Path.of(file.getKey()).getFileName());
            Files.writeString(text, file.getValue(), StandardCharsets.US_ASCII);
            add(layer, text, AbsoluteUnixPath.get(file.getKey()), false);
        }
        // Libraries want to know one, also where they put nothing there.
        AbsoluteUnixPath temporary = AbsoluteUnixPath.get("/tmp");
        layer.addEntry(work, temporary, FilePermissions.fromOctalString("777"));
        return layer.build();
    }

    private static FileEntriesLayer layer(String name, Map<Path, Path> files, AbsoluteUnixPath to) {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
        files.forEach(
                (place, file) ->
                        add(layer, file, to.resolve(place.toString()), Files.isExecutable(file)));
        return layer.build();
    }

    private static void add(
            FileEntriesLayer.Builder layer, Path file, AbsoluteUnixPath place, boolean executable) {
        layer.addEntry(file, place, FilePermissions.fromOctalString(executable ? "755" : "644"));
    }
}
