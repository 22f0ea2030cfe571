package tp.sandbox.dns;

import java.net.InetAddress;
import java.util.List;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;

/**
 * The DNS of the world outside the cluster: a handful of names under addresses for documentation
 * (RFC 5737, RFC 3849), and the truth that no other name exists.
 */
public final class OutsideDns implements DnsResponder {

    private static final long TTL_S = 30;

    private final DnsZone zone;

    /** What the laptop is told, and everybody else. */
    public OutsideDns() {
        this(everywhere().address(Names.absolute("split.corp.example"), at("192.0.2.66")));
    }

    private OutsideDns(DnsZone.Builder zone) {
        this.zone = zone.build();
    }

    /**
     * {@return what the cluster is told: of names of its own network, and one that has two ends}
     */
    public static OutsideDns ofTheCluster() {
        Name host = Names.absolute("db.corp.example");
        return new OutsideDns(
                everywhere()
                        .address(host, at("203.0.113.10"))
                        .address(host, at("2001:db8:113::10"))
                        // Of a cloud, which no cluster means to give away.
                        .address(Names.absolute("meta.corp.example"), at("169.254.169.254"))
                        .address(Names.absolute("split.corp.example"), at("203.0.113.10"))
                        .add(
                                new PTRRecord(
                                        ReverseMap.fromAddress(at("203.0.113.10")),
                                        DClass.IN,
                                        TTL_S,
                                        host)));
    }

    private static DnsZone.Builder everywhere() {
        Name company = Names.absolute("example.com");
        Name sip = Names.absolute("_sip._udp.example.com");
        return new DnsZone.Builder(Name.root, TTL_S)
                .add(new MXRecord(company, DClass.IN, TTL_S, 10, Names.below("mail", company)))
                .add(new TXTRecord(company, DClass.IN, TTL_S, "v=spf1 -all"))
                .add(new SRVRecord(sip, DClass.IN, TTL_S, 5, 10, 5060, Names.below("sip", company)))
                .add(
                        new CNAMERecord(
                                Names.below("alias", company),
                                DClass.IN,
                                TTL_S,
                                Names.below("www", company)))
                .add(
                        new PTRRecord(
                                ReverseMap.fromAddress(at("192.0.2.10")),
                                DClass.IN,
                                TTL_S,
                                Names.absolute("laptop.example")))
                // A name that nobody may ask for, and one of a domain's own.
                .address(Names.absolute("wpad"), at("192.0.2.77"))
                .address(Names.absolute("wpad.corp.example"), at("192.0.2.77"))
                .address(Names.absolute("laptop.example"), at("192.0.2.10"))
                .address(Names.absolute("laptop.example"), at("2001:db8::10"))
                .address(Names.absolute("www.example.com"), at("192.0.2.80"))
                .address(Names.absolute("x.dev"), at("192.0.2.90"));
    }

    private static InetAddress at(String literal) {
        return InetAddress.ofLiteral(literal);
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
