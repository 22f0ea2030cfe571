package tp.sandbox.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tp.sandbox.api.TokenFault;
import tp.sandbox.dns.DnsServer;
import tp.spi.common.TpException;

/**
 * What goes wrong in the sandbox because somebody wanted to see it: {@code dns=servfail}, {@code
 * clock=-120}. A file says so, which whoever runs the sandbox may write. What is asked for such as
 * answers is looked up with each question; what has to be done, such as {@code manager=kill}, is an
 * order that the node obeys ({@link Orders}).
 */
public final class Faults {

    private static final String OFF = "off";
    private static final Pattern WORDS = Pattern.compile("([a-z]+)=(\\S{1,20})");
    private static final Pattern SECONDS = Pattern.compile("[+-]?\\d{1,6}");
    private static final Pattern API = Pattern.compile("restart,\\d{1,4}|freeze|off");
    private static final Set<String> MANAGER = Set.of("kill", "drain");
    private static final String KNOWN =
            "known are dns=servfail, dns=silent, dns=off, clock=SECONDS, clock=off,"
                    + " api=restart,SECONDS, api=freeze, api=off, tokens=refuse,"
                    + " tokens=unauthorized, tokens=off, manager=kill, manager=drain";

    /** An order is obeyed within milliseconds, unless the node has ended. */
    private static final long OBEYED_NS = TimeUnit.SECONDS.toNanos(20);

    private static final long LOOK_MS = 5;

    private Faults() {}

    /** {@return what the cluster's DNS does wrong} */
    static DnsServer.Fault ofDns() {
        return word(Places.DNS_FAULT).flatMap(Faults::dns).orElse(DnsServer.Fault.NONE);
    }

    private static Optional<DnsServer.Fault> dns(String name) {
        return named(DnsServer.Fault.values(), name);
    }

    /** {@return what the API server does with tokens that are in order} */
    static TokenFault ofTokens() {
        return word(Places.TOKENS_FAULT).flatMap(Faults::tokens).orElse(TokenFault.NONE);
    }

    private static Optional<TokenFault> tokens(String name) {
        return named(TokenFault.values(), name);
    }

    private static <E extends Enum<E>> Optional<E> named(E[] all, String name) {
        return Arrays.stream(all)
                .skip(1) // that nothing is wrong
                .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst();
    }

    /** {@return by how much the time that the API server tells is wrong} */
    static Duration clockAhead() {
        return word(Places.CLOCK_FAULT)
                .filter(seconds -> SECONDS.matcher(seconds).matches())
                .map(seconds -> Duration.ofSeconds(Integer.parseInt(seconds)))
                .orElse(Duration.ZERO);
    }

    private static Optional<String> word(Path file) {
        try {
            return Files.exists(file)
                    ? Optional.of(Files.readString(file).strip())
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // it was switched off at this moment
        }
    }

    /**
     * Switches a fault on or off, for questions that come from now on; returns when an order is
     * obeyed.
     *
     * @param root of the file system in which the sandbox's {@code /run} is
     * @throws TpException where that is no fault
     */
    public static void set(Path root, String fault) throws IOException, InterruptedException {
        Fault wanted = parsed(fault);
        Path file = root.resolve(wanted.file().toString().substring(1));
        if (wanted.isOrder()) {
            write(file, wanted.value());
            awaitGone(file);
        } else if (wanted.value().equals(OFF)) {
            Files.deleteIfExists(file);
        } else {
            write(file, wanted.value());
        }
    }

    private static void write(Path file, String value) throws IOException {
        // Whoever asks at this moment reads the old word or the new one.
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.write(next, List.of(value));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void awaitGone(Path order) throws InterruptedException {
        long deadlineNs = System.nanoTime() + OBEYED_NS;
        while (Files.exists(order)) {
            if (System.nanoTime() > deadlineNs) {
                throw TpException.environment(
                        "the sandbox does not obey", "is it up? See `tp sandbox status`");
            }
            Thread.sleep(LOOK_MS);
        }
    }

    private record Fault(Path file, String value) {

        boolean isOrder() {
            return file.startsWith(Places.ORDERS);
        }
    }

    private static Fault parsed(String fault) {
        Matcher words = WORDS.matcher(fault);
        if (words.matches()) {
            String value = words.group(2);
            Optional<Path> file = file(words.group(1), value);
            if (file.isPresent()) {
                return new Fault(file.get(), value);
            }
        }
        throw TpException.usage("there is no fault \"" + fault + "\"", KNOWN);
    }

    private static Optional<Path> file(String what, String value) {
        boolean off = value.equals(OFF);
        return switch (what) {
            case "dns" -> where(Places.DNS_FAULT, off || dns(value).isPresent());
            case "clock" -> where(Places.CLOCK_FAULT, off || SECONDS.matcher(value).matches());
            case "tokens" -> where(Places.TOKENS_FAULT, off || tokens(value).isPresent());
            case Orders.API -> where(Orders.file(what), API.matcher(value).matches());
            case Orders.MANAGER -> where(Orders.file(what), MANAGER.contains(value));
            default -> Optional.empty();
        };
    }

    private static Optional<Path> where(Path file, boolean isKnown) {
        return isKnown ? Optional.of(file) : Optional.empty();
    }
}
