/**
 * The tunnel between laptop and manager.
 *
 * <p>Threads: a session and everything of it live on one event loop. Public methods may be called
 * from any thread unless they say otherwise; listeners are called on the session's event loop and
 * must not block. A {@link tp.tunnel.SessionHost} and its grants are called on virtual threads and
 * may block.
 */
package tp.tunnel;
