package tp.sandbox.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;

/** Serves one address over UDP and TCP (RFC 1035 §4.2, RFC 7766) for a {@link DnsResponder}. */
public final class DnsServer implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("tp.sandbox.dns");

    private static final int MAX_MESSAGE = 65_535;
    private static final int HEADER = 12;

    /** RFC 1035 §4.2.1: what a client that says nothing takes. */
    private static final int CLASSIC_UDP = 512;

    /** RFC 6891 §6.2.5 leaves the size to us; this one passes every link without fragments. */
    private static final int EDNS_UDP = 1232;

    private static final int MAX_CONNECTIONS = 512;
    private static final int IDLE_MS = 10_000;

    /** What is wrong with a server, for tests of those who ask it. */
    public enum Fault {
        NONE,
        /** It says that it cannot. */
        SERVFAIL,
        /** It says nothing. */
        SILENT
    }

    private final DnsResponder responder;
    private final Supplier<Fault> fault;
    private final DatagramChannel datagrams;
    private final ServerSocket server;
    private final Semaphore connections = new Semaphore(MAX_CONNECTIONS);

    private DnsServer(
            DnsResponder responder,
            Supplier<Fault> fault,
            DatagramChannel datagrams,
            ServerSocket server) {
        this.responder = responder;
        this.fault = fault;
        this.datagrams = datagrams;
        this.server = server;
    }

    public static DnsServer start(InetSocketAddress address, DnsResponder responder) {
        return start(address, responder, () -> Fault.NONE);
    }

    /**
     * Starts one that may fail.
     *
     * @param fault asked at each question
     */
    public static DnsServer start(
            InetSocketAddress address, DnsResponder responder, Supplier<Fault> fault) {
        boolean v4 = address.getAddress().getAddress().length == 4;
        try {
            DatagramChannel datagrams =
                    DatagramChannel.open(
                            v4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
            datagrams.bind(address);
            ServerSocket server = new ServerSocket(address.getPort(), 128, address.getAddress());
            DnsServer started = new DnsServer(responder, fault, datagrams, server);
            Thread.ofPlatform().daemon().name("dns-udp").start(started::serveDatagrams);
            Thread.ofPlatform().daemon().name("dns-tcp").start(started::acceptConnections);
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot serve DNS on " + address, e);
        }
    }

    @Override
    public void close() throws IOException {
        datagrams.close();
        server.close();
    }

    private void serveDatagrams() {
        ByteBuffer buffer = ByteBuffer.allocate(MAX_MESSAGE);
        while (datagrams.isOpen()) {
            try {
                SocketAddress from = datagrams.receive(buffer.clear());
                byte[] query = new byte[buffer.flip().remaining()];
                buffer.get(query);
                Optional<byte[]> answer = answerOrFail(query, false);
                if (answer.isPresent()) {
                    datagrams.send(ByteBuffer.wrap(answer.get()), from);
                }
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "a DNS datagram was not answered", e);
            }
        }
    }

    private void acceptConnections() {
        while (!server.isClosed()) {
            try {
                Socket connection = server.accept();
                if (connections.tryAcquire()) {
                    Thread.ofVirtual().start(() -> serveConnection(connection));
                } else {
                    connection.close();
                }
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "a DNS connection was not accepted", e);
            }
        }
    }

    private void serveConnection(Socket connection) {
        try (connection) {
            connection.setSoTimeout(IDLE_MS);
            DataInputStream in = new DataInputStream(connection.getInputStream());
            DataOutputStream out = new DataOutputStream(connection.getOutputStream());
            while (true) {
                byte[] query = in.readNBytes(in.readUnsignedShort());
                Optional<byte[]> answer = answerOrFail(query, true);
                if (answer.isEmpty()) {
                    return;
                }
                ByteBuffer framed = ByteBuffer.allocate(2 + answer.get().length);
                framed.putShort((short) answer.get().length).put(answer.get());
                out.write(framed.array());
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a DNS connection ended", e);
        } finally {
            connections.release();
        }
    }

    private Optional<byte[]> answerOrFail(byte[] query, boolean tcp) {
        return switch (fault.get()) {
            case NONE -> answer(responder, query, tcp);
            case SERVFAIL ->
                    answer(
                            (asked, response) -> response.getHeader().setRcode(Rcode.SERVFAIL),
                            query,
                            tcp);
            case SILENT -> Optional.empty();
        };
    }

    /** {@return the answer to a query off the wire; none where it is not even a header} */
    static Optional<byte[]> answer(DnsResponder responder, byte[] bytes, boolean tcp) {
        if (bytes.length < HEADER) {
            return Optional.empty();
        }
        Message query;
        try {
            query = new Message(bytes);
        } catch (IOException e) {
            int id = ((bytes[0] & 0xff) << 8) | (bytes[1] & 0xff);
            return Optional.of(failed(new Message(id), Rcode.FORMERR).toWire());
        }
        Header header = query.getHeader();
        if (header.getFlag(Flags.QR)) {
            return Optional.empty();
        }
        Message response = new Message(header.getID());
        response.getHeader().setFlag(Flags.QR);
        response.getHeader().setOpcode(header.getOpcode());
        if (header.getFlag(Flags.RD)) {
            response.getHeader().setFlag(Flags.RD);
        }
        query.getSection(Section.QUESTION)
                .forEach(question -> response.addRecord(question, Section.QUESTION));
        fill(responder, query, response);
        OPTRecord option = query.getOPT();
        if (option != null) {
            response.addRecord(new OPTRecord(EDNS_UDP, 0, 0), Section.ADDITIONAL);
        }
        return Optional.of(response.toWire(tcp ? MAX_MESSAGE : udpLimit(option)));
    }

    private static void fill(DnsResponder responder, Message query, Message response) {
        if (query.getHeader().getOpcode() != Opcode.QUERY) {
            failed(response, Rcode.NOTIMP);
        } else if (query.getSection(Section.QUESTION).size() != 1) {
            failed(response, Rcode.FORMERR);
        } else if (query.getQuestion().getDClass() != DClass.IN) {
            failed(response, Rcode.REFUSED);
        } else {
            responder.answer(query, response);
        }
    }

    private static int udpLimit(@Nullable OPTRecord option) {
        return option == null
                ? CLASSIC_UDP
                : Math.clamp(option.getPayloadSize(), CLASSIC_UDP, EDNS_UDP);
    }

    private static Message failed(Message response, int code) {
        response.getHeader().setFlag(Flags.QR);
        response.getHeader().setRcode(code);
        return response;
    }
}
