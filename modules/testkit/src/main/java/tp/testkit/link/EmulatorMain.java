package tp.testkit.link;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The emulator as a process of its own. Makes two TUN devices, runs a command that moves and sets
 * them up, and says {@code ready}; then obeys lines on its standard input, each answered by one
 * line: {@code ok}, {@code error: …} or what was asked for. The devices vanish with it, and it ends
 * with its standard input.
 *
 * <ul>
 *   <li>{@code both CONDITIONS}, {@code up CONDITIONS}, {@code down CONDITIONS}: see {@link
 *       Conditions#parse}; up is from the near device to the far one
 *   <li>{@code rebind ADDRESS}: see {@link Nat#rebind}
 *   <li>{@code counters}
 * </ul>
 */
public final class EmulatorMain {

    private EmulatorMain() {}

    /**
     * @param args name of the near device, of the far one, the address at the near end, the seed,
     *     the conditions to begin with, and a command with its arguments
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length < 6) {
            System.err.println("usage: NEAR FAR ADDRESS SEED CONDITIONS COMMAND...");
            System.exit(2);
        }
        Conditions conditions = Conditions.parse(args[4]);
        Nat nat = new Nat(InetAddress.ofLiteral(args[2]));
        long seed = Long.parseLong(args[3]);
        try (EmulatedLink link = EmulatedLink.between(args[0], args[1], nat, conditions, seed)) {
            setUp(List.of(args).subList(5, args.length));
            System.out.println("ready");
            obey(link);
        }
    }

    private static void setUp(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exit = process.waitFor();
        if (exit != 0) {
            throw new IOException("the set-up exits with " + exit + ": " + text.strip());
        }
    }

    private static void obey(EmulatedLink link) throws IOException {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(answer(link, line));
        }
    }

    private static String answer(EmulatedLink link, String line) {
        String[] words = line.strip().split("\\s+", 2);
        String rest = words.length < 2 ? "" : words[1];
        IOException failure = link.failure();
        if (failure != null) {
            return "error: " + failure.getMessage();
        }
        try {
            switch (words[0]) {
                case "both" -> link.change(Conditions.parse(rest));
                case "up" -> link.changeUp(Conditions.parse(rest));
                case "down" -> link.changeDown(Conditions.parse(rest));
                case "rebind" -> link.nat().rebind(InetAddress.ofLiteral(rest));
                case "counters" -> {
                    return "up " + link.up() + " down " + link.down();
                }
                default -> throw new IllegalArgumentException("no such command: " + words[0]);
            }
            return "ok";
        } catch (IllegalArgumentException e) {
            return "error: " + e.getMessage();
        }
    }
}
