/**
 * Two DNS servers: the cluster's, which follows the Kubernetes DNS specification, and the one of
 * the world outside, which the laptop uses and to which the cluster's forwards foreign names.
 */
package tp.sandbox.dns;
