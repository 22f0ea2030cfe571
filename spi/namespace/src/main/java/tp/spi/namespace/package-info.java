/**
 * The namespace extension point. A provider turns what the user asked for into a {@link
 * tp.spi.namespace.NamespaceMapping}. It is a wish: the manager grants of it what the user's rights
 * allow, and enforces the result in the data path.
 */
package tp.spi.namespace;
