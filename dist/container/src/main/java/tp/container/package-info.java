/** Packs the manager into an OCI image, without a container engine and without a registry. */
@org.jspecify.annotations.NullMarked
package tp.container;
