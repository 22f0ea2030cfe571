/**
 * The objects of the cluster and what an API server's storage promises about them: versions,
 * conflicts, watches, deletion.
 */
package tp.sandbox.store;
