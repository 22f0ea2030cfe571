package tp.dist;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The built modules against the architecture: who may require whom. Dependencies flow downward
 * only.
 */
class ModuleGraphIT {

    private static final ModuleFinder BUILT = ModuleFinder.of(Path.of("target/modules"));

    /** Each of our modules, and what it may require of ours and of others. */
    private static final Map<String, Set<String>> MAY_REQUIRE =
            Map.ofEntries(
                    entry("tp.spi.common", Set.of()),
                    // Netty, for transports that have streams of their own (docs/adr/0008).
                    entry("tp.spi.transport", Set.of("tp.spi.common", "io.netty.*")),
                    entry("tp.spi.dns", Set.of("tp.spi.common")),
                    entry("tp.spi.namespace", Set.of("tp.spi.common")),
                    entry("tp.packet", Set.of()),
                    entry("tp.stack", Set.of("tp.packet")),
                    entry("tp.os", Set.of("tp.spi.common", "org.jnrproject.ffi")),
                    // jnr-ffi for tp.os, which requires it statically (docs/adr/0015).
                    entry(
                            "tp.host",
                            Set.of("tp.os", "tp.spi.dns", "tp.spi.common", "org.jnrproject.ffi")),
                    entry("tp.tunnel", Set.of("tp.spi.transport", "tp.spi.common", "io.netty.*")),
                    entry("tp.dns", Set.of("tp.spi.dns", "tp.spi.common", "org.dnsjava")),
                    entry("tp.namespace", Set.of("tp.spi.namespace", "tp.spi.common")),
                    entry(
                            "tp.kube",
                            Set.of(
                                    "tp.spi.transport",
                                    "tp.spi.common",
                                    "kubernetes.*",
                                    "io.vertx.core",
                                    "io.netty.*",
                                    "tools.jackson.*",
                                    "com.fasterxml.jackson.*",
                                    "org.snakeyaml.engine")),
                    entry("tp.incluster", Set.of("tp.spi.common", "tools.jackson.*")),
                    entry(
                            "tp.connector",
                            Set.of(
                                    "tp.spi.common",
                                    "tp.spi.transport",
                                    "tp.spi.dns",
                                    "tp.spi.namespace",
                                    "tp.tunnel",
                                    "tp.kube",
                                    "io.netty.*")),
                    entry("tp.control", Set.of("tp.spi.common")),
                    // What daemon and manager show of themselves (docs/adr/0028).
                    entry("tp.metrics", Set.of("io.netty.*")),
                    entry(
                            "tp.daemon",
                            Set.of(
                                    "tp.spi.*",
                                    "tp.connector",
                                    "tp.control",
                                    "tp.dns",
                                    "tp.namespace",
                                    "tp.host",
                                    "tp.os",
                                    "tp.stack",
                                    "tp.packet",
                                    "tp.tunnel",
                                    "tp.kube",
                                    "tp.metrics",
                                    "io.netty.*")),
                    entry(
                            "tp.manager",
                            Set.of(
                                    "tp.spi.common",
                                    "tp.spi.transport",
                                    "tp.tunnel",
                                    "tp.incluster",
                                    "tp.metrics",
                                    // Sockets of ICMP (docs/adr/0015).
                                    "tp.os",
                                    "org.dnsjava",
                                    "io.netty.*")),
                    entry(
                            "tp.cli",
                            Set.of(
                                    "tp.spi.common",
                                    "tp.control",
                                    "info.picocli",
                                    "tools.jackson.core",
                                    "org.snakeyaml.engine")),
                    entry(
                            "tp.sandbox",
                            Set.of(
                                    "tp.spi.common",
                                    "info.picocli",
                                    "org.dnsjava",
                                    "io.vertx.core",
                                    "io.netty.*",
                                    "tools.jackson.*")),
                    entry("tp.transport.portforward", Set.of("tp.spi.transport", "tp.spi.common")),
                    entry(
                            "tp.transport.grpc",
                            Set.of("tp.spi.transport", "tp.spi.common", "io.netty.*")),
                    entry(
                            "tp.transport.quic",
                            Set.of("tp.spi.transport", "tp.spi.common", "io.netty.*")),
                    entry(
                            "tp.transport.websocket",
                            Set.of("tp.spi.transport", "tp.spi.common", "io.netty.*")));

    @Test
    void everyModuleOfOursIsInTheTableAndTheOtherWayRound() {
        assertThat(ours().stream().map(ModuleDescriptor::name))
                .containsExactlyInAnyOrderElementsOf(MAY_REQUIRE.keySet());
    }

    @Test
    void modulesRequireOnlyWhatTheTableAllows() {
        assertThat(ours())
                .allSatisfy(module -> assertThat(violations(module)).as(module.name()).isEmpty());
    }

    @Test
    void aForbiddenEdgeIsNoticed() {
        ModuleDescriptor forged =
                ModuleDescriptor.newModule("tp.stack").requires("tp.tunnel").build();

        assertThat(violations(forged)).containsExactly("tp.tunnel");
    }

    @Test
    void onlyOnePackageIsExportedByEachModuleAndNoneByTransports() {
        assertThat(ours())
                .allSatisfy(
                        module ->
                                assertThat(
                                                module.exports().stream()
                                                        .filter(export -> !export.isQualified()))
                                        .as(module.name())
                                        .hasSizeLessThanOrEqualTo(
                                                module.name().startsWith("tp.transport.") ? 0 : 1));
    }

    @Test
    void theManagerSeesNeitherTheKubernetesClientNorTheLaptop() {
        assertThat(closure("tp.manager"))
                .contains("tp.tunnel", "io.netty.codec.http2")
                .noneMatch(
                        name -> name.startsWith("kubernetes.") || name.startsWith("org.jnrproject"))
                .doesNotContain("tp.kube", "tp.host", "tp.daemon");
    }

    @Test
    void theHelperSeesNeitherNettyNorTheKubernetesClientNorAnyPlugIn() {
        assertThat(closure("tp.host"))
                .contains("tp.os", "org.jnrproject.ffi")
                .noneMatch(name -> name.startsWith("io.netty") || name.startsWith("kubernetes."))
                .noneMatch(name -> name.startsWith("tp.transport."));
    }

    private static List<ModuleDescriptor> ours() {
        return BUILT.findAll().stream()
                .map(ModuleReference::descriptor)
                .filter(descriptor -> descriptor.name().startsWith("tp."))
                .toList();
    }

    private static Set<String> violations(ModuleDescriptor module) {
        Set<String> allowed = MAY_REQUIRE.getOrDefault(module.name(), Set.of());
        return module.requires().stream()
                .filter(requires -> !requires.modifiers().contains(Requires.Modifier.STATIC))
                .map(Requires::name)
                .filter(name -> !name.startsWith("java.") && !name.startsWith("jdk."))
                .filter(name -> allowed.stream().noneMatch(pattern -> matches(pattern, name)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean matches(String pattern, String name) {
        return pattern.endsWith(".*")
                ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                : pattern.equals(name);
    }

    private static Set<String> closure(String root) {
        Set<String> seen = new TreeSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(root));
        while (!open.isEmpty()) {
            BUILT.find(open.pop()).stream()
                    .flatMap(module -> module.descriptor().requires().stream())
                    .filter(requires -> !requires.modifiers().contains(Requires.Modifier.STATIC))
                    .map(Requires::name)
                    .filter(seen::add)
                    .forEach(open::push);
        }
        return seen;
    }
}
