/**
 * The cluster's API server: the Kubernetes API over HTTPS, for {@code kubectl}, Kubernetes clients
 * and the manager.
 */
package tp.sandbox.api;
