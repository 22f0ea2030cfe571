package tp.dns;

import java.net.InetSocketAddress;
import java.util.List;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** Asks a server for a name as a program of this host would that does so by itself. */
public final class HostQuestion {

    private HostQuestion() {}

    /**
     * Asks for addresses of that name, without waiting.
     *
     * @param name without a trailing dot
     * @param answered told once if an answer comes, whatever it says
     */
    public static void ask(InetSocketAddress server, String name, Runnable answered) {
        byte[] query;
        try {
            query =
                    Message.newQuery(
                                    Record.newRecord(
                                            Name.fromString(name + "."), Type.A, DClass.IN))
                            .toWire();
        } catch (TextParseException e) {
            throw new IllegalArgumentException(name, e);
        }
        HostServers servers = new HostServers(List.of(server), false);
        new HostForwarder(() -> servers)
                .ask(
                        query,
                        false,
                        new Upstream.Listener() {
                            @Override
                            public void answered(byte[] message) {
                                answered.run();
                            }

                            @Override
                            public void failed(Upstream.Failure failure) {}
                        });
    }
}
