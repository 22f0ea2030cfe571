package tp.daemon;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tp.connector.Assessed;
import tp.dns.HostQuestion;
import tp.host.DeviceRequest;
import tp.host.Host;
import tp.host.HostRoutes;
import tp.os.PacketDevice;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;
import tp.spi.dns.DnsProvider;
import tp.spi.dns.ResolverEnvironment;

/**
 * Tries what tp needs of this host: a helper, a device, a route to it, and a resolver that answers.
 * The device is gone when this ends; the resolver is not changed.
 */
final class HostExamination {

    private static final int MTU = 1_500;
    private static final int DNS_PORT = 53;

    /** A forwarder asks again after a while, and its upstream may be far. */
    private static final long ANSWER_SECONDS = 4;

    /** Any answer says that the server is there; this name has one everywhere (RFC 2606). */
    private static final String ASKED = "example.com";

    private final Findings findings;

    HostExamination(Findings findings) {
        this.findings = findings;
    }

    void resolver(ResolverEnvironment host) throws InterruptedException {
        findings.trying("this machine's resolver");
        List<InetAddress> servers = host.servers();
        if (servers.isEmpty()) {
            findings.fails(
                    "resolver",
                    "/etc/resolv.conf names no server",
                    "add a line such as `nameserver 192.0.2.1`");
            return;
        }
        List<InetAddress> silent = silent(servers);
        String all = told(servers);
        if (silent.isEmpty()) {
            findings.works("resolver", all + (servers.size() == 1 ? " answers" : " answer"));
        } else if (silent.size() < servers.size()) {
            findings.care(
                    "resolver",
                    told(silent) + " of " + all + " does not answer",
                    "names take seconds; repair or remove it in /etc/resolv.conf");
        } else {
            findings.fails(
                    "resolver",
                    all + " does not answer within " + ANSWER_SECONDS + " s",
                    "this machine finds no names, with or without tp; see /etc/resolv.conf");
        }
    }

    private static String told(List<InetAddress> servers) {
        return servers.stream().map(InetAddress::getHostAddress).collect(Collectors.joining(", "));
    }

    private static List<InetAddress> silent(List<InetAddress> servers) throws InterruptedException {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_SECONDS);
        List<CountDownLatch> answers = new ArrayList<>();
        for (InetAddress server : servers) {
            CountDownLatch answered = new CountDownLatch(1);
            HostQuestion.ask(new InetSocketAddress(server, DNS_PORT), ASKED, answered::countDown);
            answers.add(answered);
        }
        List<InetAddress> silent = new ArrayList<>();
        for (int i = 0; i < servers.size(); i++) {
            if (!answers.get(i).await(endNs - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                silent.add(servers.get(i));
            }
        }
        return silent;
    }

    /**
     * @param strategies the usable ones, best first
     */
    void strategies(List<Assessed<DnsProvider>> strategies) {
        findings.works(
                "names",
                "this machine can be made to ask tp by "
                        + strategies.stream()
                                .map(one -> one.found().provider().id())
                                .collect(Collectors.joining(", else ")));
    }

    /** Does what a connect does, with a range that nobody uses. */
    void device(HelperStart helper, String id) throws InterruptedException {
        findings.trying("a network device");
        Host host;
        try {
            host = helper.await();
        } catch (TpException e) {
            findings.fails("helper", e);
            findings.skipped("device", "needs the helper");
            findings.skipped("route", "needs the helper");
            return;
        }
        findings.works(
                "helper",
                Stream.concat(Stream.of("runs with the rights it needs"), host.notes().stream())
                        .collect(Collectors.joining("; ")));
        HostRoutes before = HostRoutes.read();
        try (PacketDevice device =
                host.openDevice(new DeviceRequest(before.deviceAddresses(id, List.of()), MTU))) {
            findings.works(
                    "device",
                    device.name() + " was made" + (host.ipv6() ? "" : "; this host has no IPv6"));
            route(host, device, before, id);
        } catch (TpException e) {
            findings.fails("device", e);
            findings.skipped("route", "needs the device");
        }
    }

    private void route(Host host, PacketDevice device, HostRoutes before, String id) {
        Cidr free = before.virtualIpv4(id, List.of()).orElse(Cidr.parse("198.51.100.0/24"));
        try {
            host.routes(Set.of(free));
        } catch (TpException e) {
            findings.fails("route", e);
            return;
        }
        boolean there =
                HostRoutes.read().routes().stream()
                        .anyMatch(route -> route.destination().equals(free));
        if (there) {
            findings.works("route", free + " was led to " + device.name());
        } else {
            findings.fails(
                    "route",
                    "a route to " + free + " was added and is not there",
                    "see what else changes routes on this machine, such as a VPN's client");
        }
    }
}
