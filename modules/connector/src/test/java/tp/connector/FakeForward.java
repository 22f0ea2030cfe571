package tp.connector;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import tp.kube.PodForward;

/** A way to a pod that makes no connection by itself. Not thread-safe. */
final class FakeForward implements PodForward {
    final String pod;
    final List<Events> events = new ArrayList<>();
    final List<Integer> ports = new ArrayList<>();
    boolean open = true;
    boolean clogged;

    FakeForward(String pod) {
        this.pod = pod;
    }

    @Override
    public Connection connect(int port, Events heard) {
        ports.add(port);
        events.add(heard);
        return new Connection() {
            @Override
            public void send(ByteBuffer bytes) {}

            @Override
            public boolean isWritable() {
                return true;
            }

            @Override
            public void taken(int bytes) {}

            @Override
            public void finish() {}

            @Override
            public void reset() {
                events.remove(heard);
            }
        };
    }

    @Override
    public int connections() {
        return events.size();
    }

    @Override
    public boolean isClogged() {
        return clogged;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        fail(Failure.BROKEN);
    }

    void fail(Failure failure) {
        open = false;
        List<Events> those = List.copyOf(events);
        events.clear();
        those.forEach(one -> one.failed(failure, "it is over"));
    }
}
