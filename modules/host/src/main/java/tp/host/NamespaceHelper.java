package tp.host;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tp.host.RequestLoop.Answer;
import tp.os.InterfaceAddress;
import tp.os.ListeningSocket;
import tp.os.ProcessIdentity;
import tp.os.UnixSocket;
import tp.spi.common.IoReason;
import tp.spi.common.TpException;
import tp.spi.dns.HostChange;

/**
 * Serves one daemon from inside the namespaces of its session. It keeps no journal: what it does
 * ends with them. It makes the sockets that have to listen in there, since the daemon is outside,
 * where it reaches the cluster.
 */
final class NamespaceHelper implements RequestLoop.Service {

    private static final int BACKLOG = 4_096;

    private final String sessionId;
    private final NamespaceFiles files;
    private Optional<SessionDevice> device = Optional.empty();

    NamespaceHelper(HelperMain.Session session) {
        sessionId = session.id();
        files = new NamespaceFiles(session.directory());
    }

    /** Returns when the daemon has closed the connection. */
    void serve(UnixSocket connection) throws IOException {
        files.prepare();
        long pid = ProcessIdentity.current().pid();
        new RequestLoop(connection, this)
                .run(
                        new HelperReply.Ready(pid, Names.version(), List.of()),
                        () -> {
                            // There is nothing to prepare.
                        });
        device.ifPresent(this::end);
    }

    /** As the host's connections end, those of the program that is left do. */
    private void end(SessionDevice ended) {
        Set<InetAddress> addresses =
                ended.addresses().stream()
                        .map(InterfaceAddress::address)
                        .collect(Collectors.toSet());
        List<String> notes = new ArrayList<>();
        ended.close();
        Restoration.destroySockets(addresses, notes);
        Restoration.awaitDeviceGone(Names.device(sessionId));
        // What connected while the device was still there has nobody at the other end either.
        Restoration.destroySockets(addresses, notes);
        notes.forEach(System.err::println);
    }

    @Override
    public Answer answer(HelperRequest request) throws IOException {
        return switch (request) {
            case HelperRequest.OpenDevice open -> open(open);
            case HelperRequest.SetRoutes routes -> {
                HelperRules.routes(routes.wanted());
                yield new Answer(new HelperReply.Done(opened().routes(routes.wanted())));
            }
            case HelperRequest.Apply apply -> apply(apply);
            case HelperRequest.Listen listen -> {
                HelperRules.listen(listen, opened().addresses());
                yield new Answer(
                        new HelperReply.Listening(),
                        Optional.of(ListeningSocket.open(listen.address(), BACKLOG)));
            }
            // The files end with the namespaces.
            case HelperRequest.Restore restore -> new Answer(new HelperReply.Done(List.of()));
        };
    }

    private SessionDevice opened() {
        return device.orElseThrow(() -> HelperRules.bug("no device is open"));
    }

    private Answer open(HelperRequest.OpenDevice open) throws IOException {
        HelperRules.device(open);
        if (device.isPresent()) {
            throw HelperRules.bug("the device is open already");
        }
        SessionDevice made = SessionDevice.open(Names.device(sessionId), open);
        device = Optional.of(made);
        return new Answer(
                new HelperReply.DeviceOpened(made.ipv6()), Optional.of(made.takeDescriptor()));
    }

    private Answer apply(HelperRequest.Apply apply) throws IOException {
        for (HostChange change : apply.changes()) {
            if (!(change instanceof HostChange.ResolvConf file)) {
                throw HelperRules.bug("in a namespace resolv.conf is all that is changed");
            }
            HelperRules.resolvConf(file, opened().addresses());
            show(file.content());
        }
        return new Answer(new HelperReply.Done(List.of()));
    }

    private void show(String content) throws IOException {
        try {
            files.resolver(content);
        } catch (IOException e) {
            throw TpException.environment(
                    "cannot show another /etc/resolv.conf in the namespace: " + IoReason.of(e),
                    "see that there is such a file, be it an empty one");
        }
    }
}
