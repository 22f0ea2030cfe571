package tp.host;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Scanner;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tp.os.InterfaceAddress;
import tp.os.PacketDevice;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;
import tp.spi.dns.HostChange;

/** Does with the host what a daemon does, and then what it is told on its standard input. */
final class DaemonStandIn {

    static final List<InterfaceAddress> ADDRESSES =
            List.of(
                    InterfaceAddress.parse("10.254.7.1/24"),
                    InterfaceAddress.parse("fd74:7470::1/64"));
    static final Set<Cidr> ROUTES =
            Stream.of("10.96.0.0/16", "10.244.0.0/16", "fd00:10:96::/112")
                    .map(Cidr::parse)
                    .collect(Collectors.toSet());

    private DaemonStandIn() {}

    public static void main(String[] arguments) {
        try {
            run(arguments[0], Path.of(arguments[1]));
        } catch (TpException e) {
            System.out.println("failed " + e.line());
        }
    }

    private static void run(String sessionId, Path directory) {
        HostSettings settings =
                new HostSettings(
                        sessionId,
                        directory,
                        HostSettings.Place.HOST,
                        line -> System.out.println("progress " + line));
        try (Host host = Host.start(settings)) {
            host.onHelperDeath(() -> System.out.println("helper died"));
            host.notes().forEach(note -> System.out.println("note " + note));
            try (PacketDevice device = host.openDevice(new DeviceRequest(ADDRESSES, 65_520))) {
                System.out.println("routed " + host.routes(ROUTES));
                String content = "nameserver 10.254.7.2\nsearch default.svc.cluster.local\n";
                host.apply(List.of(new HostChange.ResolvConf(content)));
                System.out.println("ready " + host.info().pid() + " " + device.name());
                obey(host);
            }
        }
        System.out.println("closed");
    }

    private static void obey(Host host) {
        Scanner commands = new Scanner(System.in, StandardCharsets.UTF_8);
        while (commands.hasNextLine()) {
            switch (commands.nextLine()) {
                case "quit" -> {
                    return;
                }
                case "restore" -> System.out.println("restored " + host.restore());
                case "again" ->
                        System.out.println(
                                "again "
                                        + host.apply(
                                                List.of(
                                                        new HostChange.ResolvConf(
                                                                "nameserver 10.254.7.3\n"))));
                case "fewer" ->
                        System.out.println(
                                "fewer " + host.routes(Set.of(Cidr.parse("10.96.0.0/16"))));
                default -> System.out.println("unknown");
            }
        }
    }
}
