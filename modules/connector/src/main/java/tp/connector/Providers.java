package tp.connector;

import java.io.File;
import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.lang.module.ResolutionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tp.spi.common.Provider;
import tp.spi.dns.DnsProvider;
import tp.spi.namespace.NamespaceProvider;
import tp.spi.transport.TransportProvider;

/**
 * Every provider that can be found: those of the image, and those of jars in the plug-in folders.
 * What is broken is reported and skipped. Plug-in jars are modules of a layer above the image's, so
 * that they see what the image exports and nothing of each other's folder.
 */
public final class Providers {

    private static final System.Logger LOG = System.getLogger(Providers.class.getName());

    /** A service file can fail on every line; this many failures are enough to know. */
    private static final int MAX_BROKEN = 64;

    private final Point<TransportProvider> transports;
    private final Point<DnsProvider> resolvers;
    private final Point<NamespaceProvider> namespaces;
    private final List<Broken> brokenPlugins;

    Providers(
            Point<TransportProvider> transports,
            Point<DnsProvider> resolvers,
            Point<NamespaceProvider> namespaces,
            List<Broken> brokenPlugins) {
        this.transports = transports;
        this.resolvers = resolvers;
        this.namespaces = namespaces;
        this.brokenPlugins = List.copyOf(brokenPlugins);
    }

    /** {@return the providers of this image and of the plug-in folders of that environment} */
    public static Providers find(Map<String, String> environment) {
        List<Path> folders = new ArrayList<>();
        String home = System.getProperty("tp.home", "");
        if (!home.isEmpty()) {
            folders.add(Path.of(home, "plugins"));
        }
        Arrays.stream(environment.getOrDefault("TP_PLUGINS", "").split(File.pathSeparator))
                .filter(part -> !part.isEmpty())
                .map(Path::of)
                .forEach(folders::add);
        return find(folders);
    }

    static Providers find(List<Path> folders) {
        List<Broken> broken = new ArrayList<>();
        List<ModuleLayer> layers = new ArrayList<>();
        layers.add(boot());
        for (Path folder : folders) {
            layers.addAll(layersOf(folder, broken));
        }
        for (Broken one : broken) {
            LOG.log(System.Logger.Level.WARNING, "plug-in {0}: {1}", one.source(), one.reason());
        }
        return new Providers(
                point(
                        "transport",
                        layers,
                        layer -> ServiceLoader.load(layer, TransportProvider.class)),
                point("dns", layers, layer -> ServiceLoader.load(layer, DnsProvider.class)),
                point(
                        "namespace",
                        layers,
                        layer -> ServiceLoader.load(layer, NamespaceProvider.class)),
                broken);
    }

    public Point<TransportProvider> transports() {
        return transports;
    }

    public Point<DnsProvider> resolvers() {
        return resolvers;
    }

    public Point<NamespaceProvider> namespaces() {
        return namespaces;
    }

    /** {@return everything that was found and cannot be used} */
    public List<Broken> broken() {
        return Stream.of(
                        brokenPlugins, transports.broken(), resolvers.broken(), namespaces.broken())
                .flatMap(List::stream)
                .toList();
    }

    private static ModuleLayer boot() {
        ModuleLayer own = Providers.class.getModule().getLayer();
        return own == null ? ModuleLayer.boot() : own;
    }

    /** One layer for all jars of a folder; where they do not fit together, one for each. */
    private static List<ModuleLayer> layersOf(Path folder, List<Broken> broken) {
        List<Path> jars;
        try (Stream<Path> entries = Files.list(folder)) {
            jars =
                    entries.filter(entry -> entry.getFileName().toString().endsWith(".jar"))
                            .sorted()
                            .toList();
        } catch (IOException e) {
            // A folder that is not there holds no plug-in.
            return List.of();
        }
        if (jars.isEmpty()) {
            return List.of();
        }
        try {
            return List.of(layer(jars));
        } catch (FindException | ResolutionException | LayerInstantiationException e) {
            LOG.log(System.Logger.Level.WARNING, "{0}: {1}", folder, e.getMessage());
        }
        List<ModuleLayer> single = new ArrayList<>();
        for (Path jar : jars) {
            try {
                single.add(layer(List.of(jar)));
            } catch (FindException | ResolutionException | LayerInstantiationException e) {
                broken.add(new Broken("plug-in", jar.toString(), String.valueOf(e.getMessage())));
            }
        }
        return single;
    }

    private static ModuleLayer layer(List<Path> jars) {
        ModuleLayer parent = boot();
        ModuleFinder finder = ModuleFinder.of(jars.toArray(Path[]::new));
        Set<String> names =
                finder.findAll().stream()
                        .map(ModuleReference::descriptor)
                        .map(descriptor -> descriptor.name())
                        .collect(Collectors.toSet());
        Configuration configuration =
                parent.configuration().resolveAndBind(finder, ModuleFinder.of(), names);
        return ModuleLayer.defineModulesWithOneLoader(
                        configuration, List.of(parent), Providers.class.getClassLoader())
                .layer();
    }

    private static <P extends Provider> Point<P> point(
            String name,
            List<ModuleLayer> layers,
            Function<ModuleLayer, ServiceLoader<P>> loaderOf) {
        // A layer's loader finds its parents' providers as well; by class, each counts once.
        Map<Class<?>, Found<P>> found = new LinkedHashMap<>();
        Map<String, Broken> broken = new LinkedHashMap<>();
        for (ModuleLayer layer : layers) {
            Iterator<ServiceLoader.Provider<P>> all = loaderOf.apply(layer).stream().iterator();
            while (broken.size() < MAX_BROKEN) {
                String source = "a service declaration";
                try {
                    if (!all.hasNext()) {
                        break;
                    }
                    ServiceLoader.Provider<P> declared = all.next();
                    source = declared.type().getName();
                    if (!found.containsKey(declared.type())) {
                        found.put(declared.type(), Found.of(declared.get()));
                    }
                } catch (ServiceConfigurationError | LinkageError e) {
                    Throwable cause = e.getCause() == null ? e : e.getCause();
                    broken.put(source + cause, new Broken(name, source, cause.toString()));
                }
            }
        }
        broken.values()
                .forEach(
                        one ->
                                LOG.log(
                                        System.Logger.Level.WARNING,
                                        "{0} provider {1} is skipped: {2}",
                                        name,
                                        one.source(),
                                        one.reason()));
        return new Point<>(name, new ArrayList<>(found.values()), new ArrayList<>(broken.values()));
    }
}
