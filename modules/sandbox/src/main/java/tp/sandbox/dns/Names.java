package tp.sandbox.dns;

import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;

/** Domain names out of text that is known to be one. */
public final class Names {

    private Names() {}

    /**
     * @param text a name in full; the last dot may be missing
     */
    public static Name absolute(String text) {
        return below(text, Name.root);
    }

    public static Name below(String text, Name origin) {
        try {
            return Name.fromString(text, origin);
        } catch (TextParseException e) {
            throw new IllegalArgumentException(text + " is no domain name", e);
        }
    }
}
