/** QUIC (RFC 9000) with datagrams (RFC 9221), by Netty's codec on quiche. */
package tp.transport.quic;
