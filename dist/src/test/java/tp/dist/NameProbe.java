package tp.dist;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What a JVM says of names: a line for each, with its addresses, or with its name where it is an
 * address. Run on the laptop side by the end-to-end tests.
 */
final class NameProbe {

    private NameProbe() {}

    public static void main(String[] args) {
        for (String name : args) {
            System.out.println("--- jvm " + name + "\n" + said(name));
        }
    }

    private static String said(String name) {
        try {
            InetAddress[] addresses = InetAddress.getAllByName(name);
            boolean literal = name.contains(":") || name.matches("[0-9.]+");
            return literal
                    ? addresses[0].getHostName()
                    : Arrays.stream(addresses)
                            .map(InetAddress::getHostAddress)
                            .collect(Collectors.joining("\n"));
        } catch (UnknownHostException e) {
            return "";
        }
    }
}
