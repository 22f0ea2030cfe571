package tp.sandbox.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tp.sandbox.dns.DnsServer;
import tp.spi.common.TpException;

/**
 * What goes wrong in the sandbox because somebody wanted to see it: {@code dns=servfail}. A file
 * says so, which whoever runs the sandbox may write.
 */
public final class Faults {

    private static final String DNS = "dns=";
    private static final String OFF = "off";

    private Faults() {}

    /** {@return what the cluster's DNS does wrong} */
    static DnsServer.Fault ofDns() {
        try {
            return Files.exists(Places.DNS_FAULT)
                    ? dns(Files.readString(Places.DNS_FAULT).strip()).orElse(DnsServer.Fault.NONE)
                    : DnsServer.Fault.NONE;
        } catch (IOException e) {
            return DnsServer.Fault.NONE; // it was switched off at this moment
        }
    }

    private static Optional<DnsServer.Fault> dns(String name) {
        return Arrays.stream(DnsServer.Fault.values())
                .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst();
    }

    /**
     * Switches a fault on or off, for questions that come from now on.
     *
     * @param root of the file system in which the sandbox's {@code /run} is
     * @throws TpException where that is no fault
     */
    public static void set(Path root, String fault) throws IOException {
        String name = fault.startsWith(DNS) ? fault.substring(DNS.length()) : "";
        Path file = root.resolve(Places.DNS_FAULT.toString().substring(1));
        if (name.equals(OFF)) {
            Files.deleteIfExists(file);
        } else if (dns(name).filter(one -> one != DnsServer.Fault.NONE).isPresent()) {
            // Whoever asks at this moment reads the old word or the new one.
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.write(next, List.of(name));
            Files.move(
                    next,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } else {
            throw TpException.usage(
                    "there is no fault \"" + fault + "\"",
                    "known are dns=servfail, dns=silent and dns=off");
        }
    }
}
