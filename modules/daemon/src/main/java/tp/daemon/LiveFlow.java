package tp.daemon;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import tp.control.FlowEntry;
import tp.spi.common.AddressText;
import tp.stack.FlowKey;
import tp.tunnel.FlowStatistics;

/**
 * A conversation through the tunnel at one moment.
 *
 * @param ends as the application sees them
 */
record LiveFlow(Protocol protocol, FlowKey ends, long ageNs, FlowStatistics numbers) {

    /** What it is a conversation in. */
    enum Protocol {
        TCP,
        UDP,
        PING
    }

    /** {@return the address that the application sends to} */
    InetAddress target() {
        return ends.destination().getAddress();
    }

    /** {@return what people are shown of it} */
    FlowEntry entry(String name) {
        return new FlowEntry(
                protocol.name().toLowerCase(Locale.ROOT),
                FlowEntry.State.valueOf(numbers.state().name()),
                text(ends.source()),
                text(ends.destination()),
                name,
                TimeUnit.NANOSECONDS.toMillis(ageNs),
                numbers.sent(),
                numbers.received(),
                numbers.retained());
    }

    /** The port of an echo request is its identifier, which nobody has asked for. */
    private String text(InetSocketAddress end) {
        String address = AddressText.of(end.getAddress());
        if (protocol == Protocol.PING) {
            return address;
        }
        return (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + end.getPort();
    }
}
