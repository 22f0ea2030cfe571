/**
 * Packet devices, Unix sockets that pass descriptors, the kernel's links, addresses and routes, and
 * the ends of processes, as small typed calls.
 *
 * <p>{@link tp.os.EchoSockets} and what belongs to it calls C by java.lang.foreign, all else by
 * jnr-ffi.
 *
 * <p>The public types name no Linux constant: {@code LinuxTun}, {@code LinuxLibrary} and the
 * netlink classes do, and their likes for another system would stand beside them. Methods that wait
 * hold their platform thread; do not call those from a virtual thread that must not pin its
 * carrier.
 */
package tp.os;
