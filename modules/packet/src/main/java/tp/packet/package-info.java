/**
 * Headers of IPv4, IPv6, TCP, UDP and ICMP, one file each. Views are for one thread and are reused;
 * buffers are big-endian (the default of {@link java.nio.ByteBuffer}) and borrowed for as long as
 * the view points at them. No view moves a buffer's position or limit.
 */
package tp.packet;
