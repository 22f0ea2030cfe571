package tp.dns;

import java.io.IOException;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** A question for the IPv4 addresses of a name. */
public final class AddressQuestion {

    private AddressQuestion() {}

    /**
     * {@return the message that asks for it}
     *
     * @param name without a trailing dot
     */
    public static byte[] of(String name) {
        try {
            Name full = Name.fromString(name + ".");
            return Message.newQuery(Record.newRecord(full, Type.A, DClass.IN)).toWire();
        } catch (TextParseException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    /** {@return what an answer lacks, in the words of DNS; empty where it has addresses} */
    public static String lack(byte[] answer) {
        try {
            Message message = new Message(answer);
            if (message.getRcode() != Rcode.NOERROR) {
                return Rcode.string(message.getRcode());
            }
            // Another name that leads to nothing is no address.
            return message.getSection(Section.ANSWER).stream()
                            .noneMatch(one -> one.getType() == Type.A)
                    ? "no address"
                    : "";
        } catch (IOException e) {
            return "an answer that cannot be read";
        }
    }
}
