/**
 * {@link tp.kube.KubeCluster} is the way in. Every failure that a person can do something about is
 * one {@link tp.spi.common.TpException}; no message, log line or {@code toString} holds a
 * credential.
 */
package tp.kube;
