package tp.connector;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tp.spi.common.TpException;

/** Which versions of a client and a manager are meant to work together: one minor apart at most. */
public final class VersionSkew {

    private static final Pattern VERSION = Pattern.compile("(\\d{1,6})\\.(\\d{1,6})(\\D.*)?");

    private VersionSkew() {}

    public static boolean works(String client, String manager) {
        Matcher ours = VERSION.matcher(client);
        Matcher theirs = VERSION.matcher(manager);
        return client.equals(manager)
                || (ours.matches()
                        && theirs.matches()
                        && ours.group(1).equals(theirs.group(1))
                        && Math.abs(
                                        Integer.parseInt(ours.group(2))
                                                - Integer.parseInt(theirs.group(2)))
                                <= 1);
    }

    /** {@return what to do where they do not} */
    public static String nextStep(String manager) {
        return "bring the manager to this version with `tp install`, or use tp " + manager;
    }

    /**
     * @throws TpException where they do not
     */
    static void require(String client, String manager) {
        if (!works(client, manager)) {
            throw TpException.environment(
                    "the manager's version is %s, this tp is %s, and one minor version apart is as far as they may be"
                            .formatted(manager, client),
                    nextStep(manager));
        }
    }
}
