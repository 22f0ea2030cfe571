/**
 * Moves bytes through {@link tp.spi.transport.ClusterAccess#portForward}, and no more than that.
 */
package tp.transport.portforward;
