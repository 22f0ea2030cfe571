/** Runs in the build, and is in no package. */
@org.jspecify.annotations.NullMarked
package tp.packages;
