/** Providers without state; each may be called from any thread. */
package tp.namespace;
