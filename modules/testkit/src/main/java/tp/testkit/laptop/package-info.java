/**
 * A built image at work: a sandbox with a shell on its laptop's side, and a bad link between that
 * laptop and its node. For end-to-end tests and measurements. Needs what {@link tp.testkit.link}
 * needs.
 */
package tp.testkit.laptop;
