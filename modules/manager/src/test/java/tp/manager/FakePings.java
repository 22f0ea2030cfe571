package tp.manager;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import tp.tunnel.EchoTarget;

/** Targets that nobody hears of again, and that are counted. */
final class FakePings implements Pings {

    String refusal = "";
    int open;

    @Override
    public String refusal() {
        return refusal;
    }

    @Override
    public EchoTarget open(InetAddress target, EchoTarget.Ears ears) throws IOException {
        if (!refusal.isEmpty()) {
            throw new IOException(refusal);
        }
        open++;
        return new EchoTarget() {
            @Override
            public void ask(ByteBuffer echoed) {}

            @Override
            public void close() {
                open--;
            }
        };
    }
}
