/**
 * The helper and its processes.
 *
 * <p>The daemon ({@link tp.host.Host}) listens on a Unix socket in its private directory and starts
 * the helper, through sudo where it is not root. The helper connects, makes sure that the listener
 * is one of its ancestors, and then answers one request at a time. Whatever it changes that would
 * outlive the daemon is in a journal before it is changed. When the connection ends, for whatever
 * reason, it takes everything back and ends.
 *
 * <p>The keeper waits for the end of both. If the helper left a journal, it does the helper's work.
 * If all three were killed, the next helper does it for them.
 */
package tp.host;
