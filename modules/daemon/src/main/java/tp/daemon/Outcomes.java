package tp.daemon;

import java.util.Optional;
import tp.stack.DialOutcome;
import tp.stack.Unreachable;
import tp.tunnel.EchoFailure;

/** The tunnel's words in the stack's. */
final class Outcomes {

    private Outcomes() {}

    static DialOutcome ofDial(tp.tunnel.DialOutcome outcome) {
        return switch (outcome) {
            case ESTABLISHED -> DialOutcome.ESTABLISHED;
            case REFUSED -> DialOutcome.REFUSED;
            case HOST_UNREACHABLE -> DialOutcome.HOST_UNREACHABLE;
            case NETWORK_UNREACHABLE -> DialOutcome.NETWORK_UNREACHABLE;
            case TIMED_OUT -> DialOutcome.TIMED_OUT;
            case PROHIBITED -> DialOutcome.PROHIBITED;
            case TUNNEL_DOWN -> DialOutcome.TUNNEL_DOWN;
        };
    }

    static Unreachable ofEcho(EchoFailure failure) {
        return switch (failure) {
            case NETWORK_UNREACHABLE -> Unreachable.NETWORK;
            case HOST_UNREACHABLE -> Unreachable.HOST;
            case PORT_UNREACHABLE -> Unreachable.PORT;
            case PROHIBITED -> Unreachable.PROHIBITED;
            case EXPIRED -> Unreachable.EXPIRED;
        };
    }

    /** {@return what to tell an application whose datagrams do not arrive; empty for nothing} */
    static Optional<Unreachable> ofDatagram(tp.tunnel.DialOutcome outcome) {
        return switch (outcome) {
            case REFUSED -> Optional.of(Unreachable.PORT);
            case HOST_UNREACHABLE -> Optional.of(Unreachable.HOST);
            case NETWORK_UNREACHABLE -> Optional.of(Unreachable.NETWORK);
            case PROHIBITED -> Optional.of(Unreachable.PROHIBITED);
            // A tunnel in trouble loses datagrams, as networks do; the flow may come back.
            case ESTABLISHED, TIMED_OUT, TUNNEL_DOWN -> Optional.empty();
        };
    }
}
