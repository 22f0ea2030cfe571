package tp.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The libraries of this machine that programs are linked with, by ldd(1), and what the C library
 * loads by itself to look up names.
 *
 * @param files as the loader finds them; may be symbolic links
 */
record CLibrary(NavigableSet<Path> files) {

    /** Parts of the C library itself since glibc 2.34. */
    private static final List<String> FOR_NAMES =
            List.of("libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2");

    private static final Pattern LINE =
            Pattern.compile("^\\s*(?:\\S+ => )?(/\\S+) \\(0x[0-9a-f]+\\)$", Pattern.MULTILINE);

    static CLibrary of(ManagerRuntime runtime) throws IOException, InterruptedException {
        NavigableSet<Path> libraries = new TreeSet<>();
        for (Path program : runtime.executables()) {
            Matcher found = LINE.matcher(ldd(program, runtime.libraryPath()));
            while (found.find()) {
                Path library = Path.of(found.group(1)).normalize();
                if (!library.startsWith(runtime.home())) {
                    libraries.add(library);
                }
            }
        }
        for (Path folder : folders(libraries)) {
            FOR_NAMES.stream().map(folder::resolve).filter(Files::exists).forEach(libraries::add);
        }
        if (libraries.isEmpty()) {
            throw new IOException("ldd finds no C library for " + runtime.home());
        }
        return new CLibrary(libraries);
    }

    private static NavigableSet<Path> folders(NavigableSet<Path> libraries) {
        NavigableSet<Path> folders = new TreeSet<>();
        libraries.stream()
                .filter(one -> one.getFileName().toString().equals("libc.so.6"))
                .forEach(one -> folders.add(one.getParent()));
        return folders;
    }

    private static String ldd(Path program, String libraryPath)
            throws IOException, InterruptedException {
        ProcessBuilder line = new ProcessBuilder("ldd", program.toString());
        line.environment().put("LD_LIBRARY_PATH", libraryPath);
        Process process = line.redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        if (code != 0 || text.contains("not found")) {
            throw new IOException("ldd " + program + ": " + text.strip());
        }
        return text;
    }
}
