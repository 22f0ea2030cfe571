package tp.sandbox.dns;

import java.net.InetAddress;
import java.util.List;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * The DNS of the world outside the cluster: a handful of names under addresses for documentation
 * (RFC 5737, RFC 3849), and the truth that no other name exists.
 */
public final class OutsideDns implements DnsResponder {

    private static final long TTL_S = 30;

    private final DnsZone zone;

    public OutsideDns() {
        zone =
                new DnsZone.Builder(Name.root, TTL_S)
                        .address(
                                Names.absolute("laptop.example"),
                                InetAddress.ofLiteral("192.0.2.10"))
                        .address(
                                Names.absolute("laptop.example"),
                                InetAddress.ofLiteral("2001:db8::10"))
                        .address(
                                Names.absolute("www.example.com"),
                                InetAddress.ofLiteral("192.0.2.80"))
                        .build();
    }

    @Override
    public void answer(Message query, Message response) {
        Record question = query.getQuestion();
        response.getHeader().setFlag(Flags.RA);
        List<Record> found = zone.find(question.getName(), question.getType());
        found.forEach(answer -> response.addRecord(answer, Section.ANSWER));
        if (found.isEmpty()) {
            if (!zone.exists(question.getName())) {
                response.getHeader().setRcode(Rcode.NXDOMAIN);
            }
            response.addRecord(zone.soa(), Section.AUTHORITY);
        }
    }
}
