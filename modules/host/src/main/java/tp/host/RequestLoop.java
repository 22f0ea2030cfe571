package tp.host;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import tp.host.FieldReader.MalformedException;
import tp.os.Descriptor;
import tp.os.UnixSocket;
import tp.spi.common.IoReason;
import tp.spi.common.TpException;

/** A helper's conversation with its daemon: one request at a time, each with one reply. */
final class RequestLoop {

    private static final Duration FOR_EVER = Duration.ofDays(3650);

    private final UnixSocket connection;
    private final Service service;

    /** A reply and what goes with it. */
    record Answer(HelperReply reply, Optional<Descriptor> descriptor) {
        Answer(HelperReply reply) {
            this(reply, Optional.empty());
        }
    }

    /** Does what is asked. */
    interface Service {

        /**
         * {@return the reply} Its descriptor is closed here when it is sent.
         *
         * @throws TpException where it is refused
         */
        Answer answer(HelperRequest request) throws IOException;
    }

    RequestLoop(UnixSocket connection, Service service) {
        this.connection = connection;
        this.service = service;
    }

    /** What is left to do when the daemon knows that the helper is there. */
    interface Preparation {
        void run() throws IOException;
    }

    /** Says that the helper is there; returns when the daemon has closed the connection. */
    void run(HelperReply.Ready first, Preparation prepare) {
        try {
            connection.send(HelperCodec.encode(first), Optional.empty());
            prepare.run();
            Optional<UnixSocket.Message> message = connection.receive(FOR_EVER);
            while (message.isPresent()) {
                message.get().descriptor().ifPresent(Descriptor::close);
                Answer answer = answer(message.get());
                try {
                    connection.send(HelperCodec.encode(answer.reply), answer.descriptor);
                } finally {
                    // No copy stays here: device and sockets die with the daemon.
                    answer.descriptor.ifPresent(Descriptor::close);
                }
                message = connection.receive(FOR_EVER);
            }
        } catch (IOException e) {
            // The daemon is gone, or not to be trusted any more: the session ends.
            System.err.println("tp's helper: " + e.getMessage());
        }
    }

    private Answer answer(UnixSocket.Message message) {
        try {
            return service.answer(HelperCodec.request(message.body()));
        } catch (TpException e) {
            String what = String.valueOf(e.getMessage());
            return new Answer(new HelperReply.Refused(e.category(), what, e.nextStep()));
        } catch (MalformedException e) {
            String what = "a malformed request: " + e.getMessage();
            return new Answer(
                    new HelperReply.Refused(TpException.Category.BUG, what, "report this"));
        } catch (IOException e) {
            return new Answer(Failures.refused(IoReason.of(e)));
        }
    }
}
