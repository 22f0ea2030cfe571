package tp.host;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tp.host.FieldReader.MalformedException;
import tp.host.RequestLoop.Answer;
import tp.os.InterfaceAddress;
import tp.os.ProcessIdentity;
import tp.os.UnixSocket;
import tp.spi.common.IoReason;
import tp.spi.common.TpException;
import tp.spi.dns.HostChange;
import tp.spi.dns.ResolverEnvironment;

/** Serves one daemon, one request at a time, and takes everything back when it goes. */
final class Helper implements RequestLoop.Service {

    private final String sessionId;
    private final ProcessIdentity daemon;
    private final StateDirectory state;
    private final Path resolver;
    private final Restoration restoration;
    private Optional<SessionDevice> device = Optional.empty();

    Helper(String sessionId, ProcessIdentity daemon, StateDirectory state, Path resolver) {
        this.sessionId = sessionId;
        this.daemon = daemon;
        this.state = state;
        this.resolver = resolver;
        this.restoration = new Restoration(state, resolver);
    }

    /** Returns when the daemon has closed the connection and the host is as before. */
    void serve(UnixSocket connection) throws IOException {
        List<String> notes = restoration.endStale();
        notes.addAll(restoration.forgotten());
        ProcessIdentity me = ProcessIdentity.current();
        begin(new Journal(daemon, me));
        try (Keeper keeper = Keeper.start(sessionId)) {
            // It starts while the daemon prepares its first request; nothing changes before.
            new RequestLoop(connection, this)
                    .run(
                            new HelperReply.Ready(me.pid(), Names.version(), notes),
                            keeper::awaitReady);
            device.ifPresent(SessionDevice::close);
            restoration.end(sessionId).forEach(System.err::println);
        }
    }

    /** Whoever knows the name of a session that lives, as everybody does, has no part in it. */
    private void begin(Journal journal) throws IOException {
        boolean begun =
                state.locked(
                        () -> {
                            boolean free = !state.sessions().contains(sessionId);
                            if (free) {
                                state.write(sessionId, journal);
                            }
                            return free;
                        });
        if (!begun) {
            throw new IOException("there is a session " + sessionId + " already");
        }
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
            case HelperRequest.Listen listen ->
                    throw HelperRules.bug("on the host the daemon listens itself");
            case HelperRequest.Restore restore ->
                    new Answer(new HelperReply.Done(restoration.resolver(sessionId)));
        };
    }

    private SessionDevice opened() {
        return device.orElseThrow(
                () -> new TpException(TpException.Category.BUG, "no device is open", ""));
    }

    private Answer open(HelperRequest.OpenDevice open) throws IOException {
        HelperRules.device(open);
        if (device.isPresent()) {
            throw new TpException(TpException.Category.BUG, "the device is open already", "");
        }
        journal(journal().with(open.addresses()));
        SessionDevice made = SessionDevice.open(Names.device(sessionId), open);
        device = Optional.of(made);
        return new Answer(
                new HelperReply.DeviceOpened(made.ipv6()), Optional.of(made.takeDescriptor()));
    }

    private Answer apply(HelperRequest.Apply apply) throws IOException {
        // All are looked at before the first is done.
        List<InterfaceAddress> own = opened().addresses();
        for (HostChange change : apply.changes()) {
            switch (change) {
                case HostChange.ResolvConf file -> HelperRules.resolvConf(file, own);
                case HostChange.LinkDns link ->
                        HelperRules.linkDns(link, Names.device(sessionId), own);
                case HostChange.Port53Redirect redirect ->
                        HelperRules.redirect(redirect, servers(), own);
            }
        }
        List<String> notes = new ArrayList<>();
        for (HostChange change : apply.changes()) {
            try {
                make(change);
            } catch (IOException e) {
                if (change instanceof HostChange.Port53Redirect redirect
                        && redirect.askers() == HostChange.Askers.BEHIND_BRIDGES) {
                    notes.add("containers do not find the cluster's names: " + IoReason.of(e));
                    continue;
                }
                restoration.resolver(sessionId).forEach(System.err::println);
                throw cannot(change, e);
            }
        }
        return new Answer(new HelperReply.Done(notes));
    }

    private void make(HostChange change) throws IOException {
        switch (change) {
            case HostChange.ResolvConf file -> state.locked(() -> write(file));
            case HostChange.LinkDns link -> {
                journal(journal().with(Journal.Effect.LINK_NAMES));
                LinkNames.set(link);
            }
            case HostChange.Port53Redirect redirect -> {
                journal(journal().with(Journal.Effect.PORT_53_RULES));
                Port53Rules.set(sessionId, redirect);
            }
        }
    }

    /** {@return the servers of this host, of which a redirect may name no other} */
    private Set<InetAddress> servers() throws IOException {
        ResolverFile file = new ResolverFile(resolver, sessionId);
        Set<InetAddress> servers = new HashSet<>();
        for (String text : List.of(file.text(), file.textBefore(journal()), LinkNames.uplinks())) {
            servers.addAll(new ResolverEnvironment(text, "", false).servers());
        }
        return servers;
    }

    private ResolverFile write(HostChange.ResolvConf change) throws IOException {
        ResolverFile file = new ResolverFile(resolver, sessionId);
        file.apply(
                change.content(),
                journal().resolver().isPresent(),
                original -> journal(journal().with(Optional.of(original))));
        return file;
    }

    private TpException cannot(HostChange change, IOException cause) {
        return switch (change) {
            case HostChange.ResolvConf file -> cannotWrite(cause);
            case HostChange.LinkDns link ->
                    TpException.environment(
                            "systemd-resolved does not take a server for tp's link: "
                                    + IoReason.of(cause),
                            "see `systemctl status systemd-resolved`, or give another --dns");
            case HostChange.Port53Redirect redirect ->
                    TpException.environment(
                            "cannot redirect port 53: " + IoReason.of(cause),
                            "see whether `nft list ruleset` works as root, or give another --dns");
        };
    }

    private TpException cannotWrite(IOException cause) {
        return TpException.environment(
                "cannot change " + resolver + ": " + IoReason.of(cause),
                "make it writable for root (lsattr, mount) and try again");
    }

    private Journal journal() throws IOException {
        try {
            return state.read(sessionId)
                    .orElseThrow(() -> new IOException("the session's journal is gone"));
        } catch (MalformedException e) {
            throw new IOException("the session's journal is damaged: " + e.getMessage(), e);
        }
    }

    private void journal(Journal journal) throws IOException {
        state.write(sessionId, journal);
    }
}
