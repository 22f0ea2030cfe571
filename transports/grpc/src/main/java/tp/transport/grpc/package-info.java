/**
 * gRPC over HTTP/2 (its PROTOCOL-HTTP2 document), by Netty's codec and without gRPC's own library.
 */
package tp.transport.grpc;
