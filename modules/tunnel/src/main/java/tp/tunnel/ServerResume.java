package tp.tunnel;

import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;
import tp.tunnel.Message.Reset;
import tp.tunnel.Message.Resume;

/** A stream over which a flow goes on, which another one had. On the event loop. */
final class ServerResume extends ServerStream {

    private @Nullable KeptFlow flow;
    private boolean asked;

    /** Whether the flow has come to this stream, where it may be no more. */
    private boolean arrived;

    /** Whether the client only wants it to end. */
    private boolean abandoned;

    private boolean over;

    ServerResume(ServerConnection connection, Channel stream) {
        super(connection, stream);
    }

    @Override
    @Nullable KeptFlow flow() {
        return flow;
    }

    @Override
    public void received(Message message) {
        Flow mine = here();
        if (mine != null) {
            mine.received(message);
        } else if (arrived) {
            MessageStream.release(message); // it has gone to another stream
        } else if (message instanceof Resume resume && !asked) {
            asked = true;
            abandoned = resume.receivedOffset() == Wire.MAX_OFFSET;
            seek(resume);
        } else if (message instanceof Reset && asked) {
            abandoned = true;
        } else {
            MessageStream.release(message);
            connection().malformed();
            stream().close();
        }
    }

    private void seek(Resume resume) {
        SessionGrant grant = connection().grant();
        if (grant == null || resume.epoch() != grant.welcome().epoch()) {
            refuse();
            return;
        }
        if (abandoned) {
            connection().forsake(resume.flowId());
        }
        KeptFlow found = connection().kept(resume.flowId()).orElse(null);
        if (found == null) {
            ended(resume);
        } else if (!found.claim()) {
            stream().close(); // it is on its way to another stream of ours; the client asks again
        } else if (!connection().add(this)) {
            found.unclaim();
            stream().close();
        } else {
            flow = found;
            take(found, resume, grant);
        }
    }

    /** Rules may have changed while it was away. */
    private void take(KeptFlow found, Resume resume, SessionGrant grant) {
        connection()
                .outside()
                .ask(
                        "tp-resume",
                        () -> {
                            found.grant()
                                    .ifPresent(
                                            before ->
                                                    grant.follow(
                                                            before, found.target().getAddress()));
                            DialOutcome verdict = ServerFlow.ask(grant::mayStay, found.target());
                            found.flow().onLoop(() -> decided(found, resume, verdict));
                        });
    }

    /** On the loop where the flow is. */
    private void decided(KeptFlow found, Resume resume, DialOutcome verdict) {
        if (verdict == DialOutcome.ESTABLISHED) {
            found.leaveFor(connection().loop(), () -> arrived(found, resume));
        } else {
            found.flow().reset();
            found.unclaim();
            connection().loop().execute(this::refuse);
        }
    }

    private void arrived(KeptFlow found, Resume resume) {
        found.unclaim();
        if (found.flow().isOver()) {
            ended(resume); // perhaps in order, over the stream on which it was until now
        } else if (abandoned) {
            found.flow().lost();
            refuse();
        } else if (over) {
            found.park();
        } else {
            arrived = true;
            connection().counters().openFlows.incrementAndGet();
            connection().budget().take(found.window());
            found.resume(this, resume);
        }
    }

    private void ended(Resume resume) {
        connection().doneAt(resume.flowId()).ifPresentOrElse(this::done, this::refuse);
    }

    /** It has ended in order, and only the last word of that was lost. */
    private void done(long received) {
        if (over) {
            return;
        }
        MessageStream.write(stream(), new Message.Dialed(DialOutcome.ESTABLISHED, received, 0));
        MessageStream.end(stream());
    }

    private void refuse() {
        if (!over) {
            MessageStream.write(stream(), new Reset(0));
            MessageStream.end(stream());
        }
    }

    @Override
    void recheck() {
        KeptFlow mine = flow;
        SessionGrant grant = connection().grant();
        if (mine != null && grant != null) {
            ServerFlow.recheck(
                    connection(),
                    grant,
                    mine.target(),
                    () -> mine.flow().onLoop(mine.flow()::reset));
        }
    }

    @Override
    public void closed() {
        over = true;
        super.closed();
    }
}
