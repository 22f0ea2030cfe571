package tp.dns;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.xbill.DNS.Rcode;

/** Answers, whatever is asked, that there is no such name. */
public final class NoSuchName {

    private NoSuchName() {}

    /**
     * Answers, or drops what is no question.
     *
     * @param query read before this method returns
     * @param tcp whether it came over TCP
     * @param answer called at most once, before this method returns
     */
    public static void answer(ByteBuffer query, boolean tcp, Consumer<ByteBuffer> answer) {
        byte[] wire = new byte[query.remaining()];
        query.get(query.position(), wire);
        if (Question.parse(wire, tcp, answer) instanceof Question.Parsed.Good good) {
            good.question().reply(Rcode.NXDOMAIN, null);
        }
    }
}
