package tp.transport.grpc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;

/**
 * Where an endpoint leads.
 *
 * @param tls whether it is spoken to over TLS, the manager's own or that of a proxy
 */
record Target(String host, int port, boolean tls) {

    /** {@code grpc://HOST:PORT}, or {@code grpc+plain://HOST:PORT} for HTTP/2 in the clear. */
    static Target of(URI endpoint) throws IOException {
        String host = endpoint.getHost();
        int port = endpoint.getPort();
        if (host == null || port < 1) {
            throw new IOException(endpoint + " names no host and port, as grpc://HOST:PORT does");
        }
        return new Target(host, port, !GrpcProvider.PLAIN.equals(endpoint.getScheme()));
    }

    InetSocketAddress address() throws IOException {
        try {
            return new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (UnknownHostException e) {
            throw new IOException("the host " + host + " is not known", e);
        }
    }

    /** RFC 9113 §8.3.1; proxies choose by it. */
    String authority() {
        return host + ":" + port;
    }

    @Override
    public String toString() {
        return host + " port " + port;
    }
}
