package tp.spi.common;

import java.util.regex.Pattern;

/** What Kubernetes takes as the name of a namespace (RFC 1123 §2.1, RFC 1035 §2.3.4). */
public final class DnsLabel {

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private DnsLabel() {}

    public static boolean matches(String name) {
        return LABEL.matcher(name).matches();
    }
}
