package tp.daemon;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import tp.connector.ClusterSession;
import tp.dns.Upstream;
import tp.tunnel.DnsListener;

/**
 * A question to the cluster's DNS. Where the session it went over is lost or left before the
 * answer, it is asked again over the next one: a question may be asked any number of times.
 */
final class ClusterQuestion {

    private final SessionGateway.Source source;
    private final Semaphore waiting;
    private final byte[] query;
    private final boolean tcp;
    private final Upstream.Listener listener;

    /**
     * @param waiting has a permit for each that may wait for a session
     */
    ClusterQuestion(
            SessionGateway.Source source,
            Semaphore waiting,
            byte[] query,
            boolean tcp,
            Upstream.Listener listener) {
        this.source = source;
        this.waiting = waiting;
        this.query = query;
        this.tcp = tcp;
        this.listener = listener;
    }

    /** Asks without waiting; the time is for sessions that are not there yet. */
    void ask(long patienceNs) {
        long deadlineNs = System.nanoTime() + patienceNs;
        source.session()
                .ifPresentOrElse(
                        session -> askOver(session, deadlineNs),
                        () -> askLater(Optional.empty(), deadlineNs));
    }

    private void askLater(Optional<ClusterSession> lost, long deadlineNs) {
        if (waiting.tryAcquire()) {
            Thread.ofVirtual().name("waiting-question").start(() -> await(lost, deadlineNs));
        } else {
            listener.failed(Upstream.Failure.BROKEN);
        }
    }

    private void await(Optional<ClusterSession> lost, long deadlineNs) {
        Optional<ClusterSession> session;
        try {
            session = source.await(lost, deadlineNs - System.nanoTime());
        } catch (InterruptedException e) {
            session = Optional.empty();
        } finally {
            waiting.release();
        }
        session.ifPresentOrElse(
                one -> askOver(one, deadlineNs), () -> listener.failed(Upstream.Failure.BROKEN));
    }

    private void askOver(ClusterSession session, long deadlineNs) {
        session.query(
                ByteBuffer.wrap(query),
                tcp,
                new DnsListener() {
                    @Override
                    public void answered(ByteBuffer message) {
                        byte[] bytes = new byte[message.remaining()];
                        message.get(bytes);
                        listener.answered(bytes);
                    }

                    @Override
                    public void failed() {
                        listener.failed(Upstream.Failure.BROKEN);
                    }

                    @Override
                    public void lost() {
                        askLater(Optional.of(session), deadlineNs);
                    }
                });
    }
}
