package tp.host;

import java.nio.ByteBuffer;
import tp.host.FieldReader.MalformedException;
import tp.os.InterfaceAddress;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;
import tp.spi.dns.HostChange;

/** Requests and replies as bytes: a type in one byte, then the fields. */
final class HelperCodec {

    private static final int OPEN_DEVICE = 1;
    private static final int SET_ROUTES = 2;
    private static final int APPLY = 3;
    private static final int RESTORE = 4;
    private static final int LISTEN = 5;
    private static final int READY = 128;
    private static final int DEVICE_OPENED = 129;
    private static final int DONE = 130;
    private static final int REFUSED = 131;
    private static final int LISTENING = 132;
    private static final int RESOLV_CONF = 1;
    private static final int LINK_DNS = 2;
    private static final int PORT_53_REDIRECT = 3;

    private HelperCodec() {}

    static byte[] encode(HelperRequest request) {
        FieldWriter out = new FieldWriter();
        switch (request) {
            case HelperRequest.OpenDevice open ->
                    out.number8(OPEN_DEVICE)
                            .list(open.addresses(), address -> write(out, address))
                            .number32(open.mtu());
            case HelperRequest.SetRoutes routes ->
                    out.number8(SET_ROUTES).list(routes.wanted(), range -> write(out, range));
            case HelperRequest.Apply apply ->
                    out.number8(APPLY).list(apply.changes(), change -> write(out, change));
            case HelperRequest.Listen listen -> out.number8(LISTEN).address(listen.address());
            case HelperRequest.Restore restore -> out.number8(RESTORE);
        }
        return out.bytes();
    }

    static HelperRequest request(ByteBuffer bytes) throws MalformedException {
        FieldReader in = new FieldReader(bytes);
        int type = in.number8();
        HelperRequest request =
                switch (type) {
                    case OPEN_DEVICE ->
                            new HelperRequest.OpenDevice(
                                    in.list(() -> interfaceAddress(in)), in.number32());
                    case SET_ROUTES -> new HelperRequest.SetRoutes(in.list(() -> cidr(in)));
                    case APPLY -> new HelperRequest.Apply(in.list(() -> change(in)));
                    case LISTEN -> new HelperRequest.Listen(in.address());
                    case RESTORE -> new HelperRequest.Restore();
                    default -> throw new MalformedException("a request of type " + type);
                };
        in.end();
        return request;
    }

    static byte[] encode(HelperReply reply) {
        FieldWriter out = new FieldWriter();
        switch (reply) {
            case HelperReply.Ready ready ->
                    out.number8(READY)
                            .number64(ready.pid())
                            .text(ready.version())
                            .list(ready.notes(), out::text);
            case HelperReply.DeviceOpened opened -> out.number8(DEVICE_OPENED).flag(opened.ipv6());
            case HelperReply.Listening listening -> out.number8(LISTENING);
            case HelperReply.Done done -> out.number8(DONE).list(done.notes(), out::text);
            case HelperReply.Refused refused ->
                    out.number8(REFUSED)
                            .constant(refused.category())
                            .text(refused.what())
                            .text(refused.nextStep());
        }
        return out.bytes();
    }

    static HelperReply reply(ByteBuffer bytes) throws MalformedException {
        FieldReader in = new FieldReader(bytes);
        int type = in.number8();
        HelperReply reply =
                switch (type) {
                    case READY ->
                            new HelperReply.Ready(in.number64(), in.text(), in.list(in::text));
                    case DEVICE_OPENED -> new HelperReply.DeviceOpened(in.flag());
                    case LISTENING -> new HelperReply.Listening();
                    case DONE -> new HelperReply.Done(in.list(in::text));
                    case REFUSED ->
                            new HelperReply.Refused(
                                    in.constant(TpException.Category.values()),
                                    in.text(),
                                    in.text());
                    default -> throw new MalformedException("a reply of type " + type);
                };
        in.end();
        return reply;
    }

    private static void write(FieldWriter out, HostChange change) {
        switch (change) {
            case HostChange.ResolvConf file -> out.number8(RESOLV_CONF).text(file.content());
            case HostChange.LinkDns link ->
                    out.number8(LINK_DNS)
                            .text(link.device())
                            .list(link.servers(), out::address)
                            .list(link.domains(), out::text);
            case HostChange.Port53Redirect redirect ->
                    out.number8(PORT_53_REDIRECT)
                            .list(redirect.servers(), out::address)
                            .address(redirect.target())
                            .constant(redirect.askers());
        }
    }

    private static HostChange change(FieldReader in) throws MalformedException {
        int type = in.number8();
        return switch (type) {
            case RESOLV_CONF -> new HostChange.ResolvConf(in.text());
            case LINK_DNS ->
                    new HostChange.LinkDns(in.text(), in.list(in::address), in.list(in::text));
            case PORT_53_REDIRECT ->
                    new HostChange.Port53Redirect(
                            in.list(in::address),
                            in.address(),
                            in.constant(HostChange.Askers.values()));
            default -> throw new MalformedException("a change of type " + type);
        };
    }

    static void write(FieldWriter out, InterfaceAddress address) {
        out.address(address.address()).number8(address.prefixLength());
    }

    static InterfaceAddress interfaceAddress(FieldReader in) throws MalformedException {
        try {
            return new InterfaceAddress(in.address(), in.number8());
        } catch (IllegalArgumentException e) {
            throw new MalformedException(String.valueOf(e.getMessage()));
        }
    }

    private static void write(FieldWriter out, Cidr range) {
        out.address(range.network()).number8(range.prefixLength());
    }

    private static Cidr cidr(FieldReader in) throws MalformedException {
        try {
            return new Cidr(in.address(), in.number8());
        } catch (IllegalArgumentException e) {
            throw new MalformedException(String.valueOf(e.getMessage()));
        }
    }
}
