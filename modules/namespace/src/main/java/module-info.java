/**
 * The built-in ways to say which namespaces are mapped.
 *
 * @provides tp.spi.namespace.NamespaceProvider {@code permitted}, {@code all}, {@code listed},
 *     {@code alias}
 */
@org.jspecify.annotations.NullMarked
module tp.namespace {
    requires static transitive org.jspecify;
    requires tp.spi.namespace;

    provides tp.spi.namespace.NamespaceProvider with
            tp.namespace.PermittedNamespaces,
            tp.namespace.AllNamespaces,
            tp.namespace.ListedNamespaces,
            tp.namespace.AliasedNamespaces;
}
