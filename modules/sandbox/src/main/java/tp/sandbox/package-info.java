/**
 * The commands of the sandbox and the outer launcher. They run outside of the sandbox's namespaces,
 * keep no file on the host and find a running sandbox by looking at the user's own processes.
 */
package tp.sandbox;
