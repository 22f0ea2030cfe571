package tp.connector;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import tp.tunnel.DialListener;
import tp.tunnel.DnsListener;
import tp.tunnel.EchoListener;
import tp.tunnel.MappingRequest;
import tp.tunnel.SessionStatistics;
import tp.tunnel.TcpFlow;
import tp.tunnel.UdpFlow;
import tp.tunnel.UdpListener;
import tp.tunnel.Welcome;

/**
 * A way into the cluster, as long as its link lasts: a session with the manager, or the API alone.
 */
public interface ClusterSession extends AutoCloseable {

    /** {@return the latest that was granted} */
    Welcome welcome();

    TcpFlow dial(InetSocketAddress target, DialListener listener);

    UdpFlow openUdp(InetSocketAddress target, UdpListener listener);

    UdpFlow openEcho(InetAddress target, EchoListener listener);

    /** Asks the cluster's DNS; the message is borrowed for the call. */
    void query(ByteBuffer message, boolean tcp, DnsListener listener);

    /**
     * Blocks until a heartbeat that is sent now has come back.
     *
     * @throws IOException where it did not in time
     */
    void prove(Duration limit) throws IOException, InterruptedException;

    /** Proves anew who this is, before the last token expires. */
    void renew(String token);

    /**
     * Asks for other namespaces, for open flows too; blocks until it is answered.
     *
     * @return what it grants now
     * @throws tp.spi.common.TpException where it refuses; then all is as before
     * @throws IOException where it did not answer in time
     */
    Welcome remap(MappingRequest mapping, Duration limit) throws IOException, InterruptedException;

    /** From now on flows of TCP that have lost their link go on over this one. */
    void carry();

    /** Its flows of TCP go on over the session that carries, though its link still works. */
    void leave();

    SessionStatistics statistics();

    @Override
    void close();
}
