/**
 * The programs that the sandbox's sample pods run. Each is a small server that starts fast and
 * depends on the JDK alone.
 */
package tp.sandbox.sample;
