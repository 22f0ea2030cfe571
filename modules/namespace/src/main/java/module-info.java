/**
 * The built-in ways to say which namespaces are mapped.
 *
 * @provides tp.spi.namespace.NamespaceProvider {@code all} and {@code listed}
 */
@org.jspecify.annotations.NullMarked
module tp.namespace {
    requires static transitive org.jspecify;
    requires tp.spi.namespace;

    provides tp.spi.namespace.NamespaceProvider with
            tp.namespace.AllNamespaces,
            tp.namespace.ListedNamespaces;
}
