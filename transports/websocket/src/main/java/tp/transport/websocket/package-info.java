/**
 * Websockets (RFC 6455) by Netty's codec, as one stream of bytes. Whatever ends the outer TLS on
 * the way sees the inner one only (docs/adr/0009).
 */
package tp.transport.websocket;
