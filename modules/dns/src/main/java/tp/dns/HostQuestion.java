package tp.dns;

import java.net.InetSocketAddress;
import java.util.List;

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
        HostServers servers = new HostServers(List.of(server), false);
        new HostForwarder(() -> servers)
                .ask(
                        AddressQuestion.of(name),
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
