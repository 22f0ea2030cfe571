import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Copies of jars for jlink. Their entries are in the order of their names, since jlink keeps the order
 * and the jar plug-in has that of the file system; and classes that are too old for a class archive
 * (before Java 6; picocli and ASM are) have the stack maps and the version of newer ones.
 */
final class LinkableJars implements AutoCloseable {

    private static final LocalDateTime TIME = LocalDateTime.of(2026, 1, 1, 0, 0);
    private static final int VERSION_OFFSET = 6;
    private static final int JAVA_6 = 50;

    private final List<Path> jars;
    private final URLClassLoader all;
    private final ClassFile classes;

    LinkableJars(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            jars = files.sorted().toList();
        }
        List<URL> urls = new ArrayList<>();
        for (Path jar : jars) {
            urls.add(jar.toUri().toURL());
        }
        all = new URLClassLoader(urls.toArray(URL[]::new), null);
        ClassHierarchyResolver resolver = ClassHierarchyResolver.ofResourceParsing(all);
        classes = ClassFile.of(
                StackMapsOption.GENERATE_STACK_MAPS,
                ClassHierarchyResolverOption.of(resolver.orElse(ClassHierarchyResolver.defaultResolver())));
    }

    void copyTo(Path folder) throws IOException {
        for (Path jar : jars) {
            copy(jar, folder.resolve(jar.getFileName()));
        }
    }

    private void copy(Path from, Path to) throws IOException {
        try (ZipFile jar = new ZipFile(from.toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(to))) {
            List<? extends ZipEntry> entries = jar.stream()
                    .filter(entry -> !entry.isDirectory())
                    .sorted(Comparator.comparing(ZipEntry::getName))
                    .toList();
            for (ZipEntry entry : entries) {
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setTimeLocal(TIME);
                out.putNextEntry(copy);
                out.write(bytes(entry.getName(), jar.getInputStream(entry).readAllBytes()));
                out.closeEntry();
            }
        }
    }

    private byte[] bytes(String name, byte[] bytes) {
        boolean old = name.endsWith(".class")
                && ((bytes[VERSION_OFFSET] & 0xff) << 8 | bytes[VERSION_OFFSET + 1] & 0xff) < JAVA_6;
        return old ? renew(classes.parse(bytes)) : bytes;
    }

    /** Code that is not taken apart keeps what it had, so that each method is. */
    private byte[] renew(ClassModel old) {
        MethodTransform methods = MethodTransform.transformingCode(CodeTransform.ofStateful(
                () -> (builder, element) -> builder.with(element)));
        ClassTransform all = (builder, element) -> {
            switch (element) {
                case ClassFileVersion version -> builder.withVersion(ClassFile.JAVA_11_VERSION, 0);
                case MethodModel method -> builder.transformMethod(method, methods);
                default -> builder.with(element);
            }
        };
        return classes.transformClass(old, all);
    }

    @Override
    public void close() throws IOException {
        all.close();
    }
}
