package tp.transport.websocket;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.ByteLink;
import tp.spi.transport.ChannelLink;
import tp.spi.transport.Endpoint;
import tp.spi.transport.Link;
import tp.spi.transport.OpenStreams;
import tp.spi.transport.Race;
import tp.spi.transport.StreamLink;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;

/** Each link is one websocket: to an address that is known, or through the API server. */
final class WebSocketTransport implements Transport {

    private static final System.Logger LOG = System.getLogger(WebSocketTransport.class.getName());

    /**
     * The Service and the name of its port; over TLS, so that the leg in the cluster has it too.
     */
    private static final String SERVICE = "https:tp-manager:websocket";

    private final TransportContext context;
    private final OpenStreams streams = new OpenStreams();
    private final ChannelGroup channels;
    private volatile @Nullable Way latest;

    WebSocketTransport(TransportContext context) {
        this.context = context;
        // A channel that is added when the group is closed is closed with it.
        channels = new DefaultChannelGroup(context.loops().next(), true);
    }

    /** A way to the manager. */
    private sealed interface Way {

        record Direct(Endpoint endpoint) implements Way {}

        record ByApiServer(String path) implements Way {}
    }

    static List<Endpoint> endpoints(TransportContext context) {
        return context.endpoints("wss", "ws");
    }

    /** What the user gave goes first; then whatever else is known, of which the first wins. */
    @Override
    public Link open() throws IOException {
        List<Way> given = direct(true);
        if (given.isEmpty()) {
            return race(others());
        }
        try {
            return race(given);
        } catch (IOException e) {
            return insteadOfGiven(e);
        }
    }

    private Link insteadOfGiven(IOException why) throws IOException {
        try {
            Link link = race(others());
            LOG.log(
                    System.Logger.Level.WARNING,
                    "not by the endpoint that was given: {0}",
                    why.getMessage());
            return link;
        } catch (IOException e) {
            IOException both = new IOException(why.getMessage() + "; " + e.getMessage(), why);
            both.addSuppressed(e);
            throw both;
        }
    }

    private List<Way> direct(boolean given) {
        return endpoints(context).stream()
                .filter(endpoint -> (endpoint.source() == Endpoint.Source.GIVEN) == given)
                .<Way>map(Way.Direct::new)
                .toList();
    }

    private List<Way> others() {
        String path =
                "/api/v1/namespaces/"
                        + context.manager().namespace()
                        + "/services/"
                        + SERVICE
                        + "/proxy"
                        + WebSocketSettings.PATH;
        return Stream.concat(direct(false).stream(), Stream.of(new Way.ByApiServer(path))).toList();
    }

    private Link race(List<Way> ways) throws IOException {
        Opened opened = Race.first(ways, this::open, late -> discard(late.link()));
        latest = opened.way();
        return opened.link();
    }

    private record Opened(Way way, Link link) {}

    private Opened open(Way way) throws IOException {
        return new Opened(
                way,
                switch (way) {
                    case Way.Direct direct -> open(Place.of(direct.endpoint().address()));
                    case Way.ByApiServer proxied -> byApiServer(proxied.path());
                });
    }

    private Link open(Place place) throws IOException {
        return new ChannelLink(Dial.open(place, context.loops(), channels));
    }

    private Link byApiServer(String path) throws IOException {
        return new ByteLink(
                streams.add(
                        () -> context.cluster().webSocket(path, WebSocketSettings.SUBPROTOCOL)));
    }

    @Override
    public Optional<Endpoint> endpoint() {
        return latest instanceof Way.Direct direct
                ? Optional.of(direct.endpoint())
                : Optional.empty();
    }

    private static void discard(Link late) {
        try {
            switch (late) {
                case ByteLink bytes -> bytes.bytes().close();
                case ChannelLink bytes -> bytes.bytes().close();
                case StreamLink other -> other.close();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a late websocket did not close in order", e);
        }
    }

    @Override
    public void close() {
        streams.close();
        for (Channel channel : channels) {
            channel.pipeline().fireUserEventTriggered(WebSocketBytes.Abort.TRANSPORT_CLOSED);
        }
        channels.close();
    }
}
