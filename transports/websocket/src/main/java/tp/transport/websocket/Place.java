package tp.transport.websocket;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;

/**
 * The address of a websocket.
 *
 * @param host a name, or an address without brackets; empty where the address names none
 * @param pathAndQuery as sent
 */
record Place(boolean tls, String host, int port, String pathAndQuery) {

    private static final int MAX_PATH_CHARS = 2048;

    /** Without what may be a credential: user information is not sent, and not shown. */
    static Place of(URI address) {
        boolean tls = "wss".equals(address.getScheme());
        String host = address.getHost() == null ? "" : address.getHost();
        String path = address.getRawPath() == null ? "" : address.getRawPath();
        String query = address.getRawQuery() == null ? "" : "?" + address.getRawQuery();
        return new Place(
                tls,
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                address.getPort() > 0 ? address.getPort() : tls ? 443 : 80,
                (path.isEmpty() || path.equals("/") ? WebSocketSettings.PATH : path) + query);
    }

    /** {@return where to connect to; blocks for a name} */
    InetSocketAddress resolve() throws IOException {
        if (host.isEmpty() || port > 65_535 || pathAndQuery.length() > MAX_PATH_CHARS) {
            throw new IOException(shown() + " is no address such as wss://HOST:PORT/tp");
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (UnknownHostException e) {
            throw new IOException("the host " + host + " is not known", e);
        }
    }

    URI uri() {
        String literal = host.indexOf(':') < 0 ? host : "[" + host + "]";
        return URI.create((tls ? "wss" : "ws") + "://" + literal + ":" + port + pathAndQuery);
    }

    /** {@return the address for people; a query may be a secret} */
    String shown() {
        int query = pathAndQuery.indexOf('?');
        String path = query < 0 ? pathAndQuery : pathAndQuery.substring(0, query);
        String literal = host.indexOf(':') < 0 ? host : "[" + host + "]";
        return (tls ? "wss" : "ws") + "://" + literal + ":" + port + path;
    }
}
