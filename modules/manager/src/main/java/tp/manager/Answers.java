package tp.manager;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ObjLongConsumer;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SVCBBase;
import org.xbill.DNS.Section;

/** Reads the addresses out of what the cluster's DNS said. */
final class Answers {

    private Answers() {}

    /**
     * Tells of each address to which the answer leads, with its time to live in seconds.
     *
     * @param wire perhaps no answer at all
     */
    static void addresses(byte[] wire, ObjLongConsumer<InetAddress> consumer) {
        Message message;
        try {
            message = new Message(wire);
        } catch (IOException | RuntimeException e) {
            return;
        }
        if (!message.getHeader().getFlag(Flags.QR) || message.getRcode() != Rcode.NOERROR) {
            return;
        }
        for (int section : new int[] {Section.ANSWER, Section.ADDITIONAL}) {
            for (Record record : message.getSection(section)) {
                addresses(record).forEach(address -> consumer.accept(address, record.getTTL()));
            }
        }
    }

    private static List<? extends InetAddress> addresses(Record record) {
        try {
            return switch (record) {
                case ARecord a -> List.of(a.getAddress());
                case AAAARecord a -> List.of(a.getAddress());
                case SVCBBase hints -> hints(hints);
                default -> List.of();
            };
        } catch (UnknownHostException e) {
            return List.of();
        }
    }

    private static List<? extends InetAddress> hints(SVCBBase record) throws UnknownHostException {
        List<InetAddress> found = new ArrayList<>();
        if (record.getSvcParamValue(SVCBBase.IPV4HINT) instanceof SVCBBase.ParameterIpv4Hint hint) {
            found.addAll(hint.getAddresses());
        }
        if (record.getSvcParamValue(SVCBBase.IPV6HINT) instanceof SVCBBase.ParameterIpv6Hint hint) {
            found.addAll(hint.getAddresses());
        }
        return found;
    }
}
