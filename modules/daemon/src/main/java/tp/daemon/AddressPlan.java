package tp.daemon;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tp.dns.AddressTranslation;
import tp.dns.ProxiedNames;
import tp.dns.VirtualAddresses;
import tp.spi.common.Cidr;
import tp.tunnel.Welcome;

/**
 * Which addresses lead through the tunnel, under their own names or under virtual ones. The virtual
 * ones are the same as long as the session lasts, whatever else changes.
 */
final class AddressPlan {

    private final VirtualAddresses virtual;
    private final ProxyRules rules;
    private volatile RoutePlan plan = RoutePlan.NONE;
    private volatile ProxiedNames names = ProxiedNames.NONE;

    AddressPlan(VirtualAddresses virtual, ProxyRules rules) {
        this.virtual = virtual;
        this.rules = rules;
    }

    /** {@return all that is to be routed into the device, as it is from now on} */
    Set<Cidr> update(Welcome welcome, RoutePlan.Surroundings host) {
        ProxyRules permitted = rules.permittedBy(welcome.external());
        RoutePlan next =
                RoutePlan.of(
                        new RoutePlan.Wanted(
                                RoutePlan.clusterRanges(welcome),
                                permitted.also().ranges(),
                                rules.never().ranges()),
                        host);
        plan = next;
        names = new ProxiedNames(permitted.also().names(), rules.never().names());
        Set<Cidr> routes = new LinkedHashSet<>(next.routes());
        virtual.ranges().stream()
                .filter(range -> host.hasIpv6() || !range.isIpv6())
                .forEach(routes::add);
        return routes;
    }

    ProxyRules rules() {
        return rules;
    }

    /** {@return what names the user gave to the cluster's DNS, or kept from it} */
    ProxiedNames names() {
        return names;
    }

    RoutePlan plan() {
        return plan;
    }

    VirtualAddresses virtual() {
        return virtual;
    }

    AddressTranslation translation() {
        return new AddressTranslation(virtual, this::isSeen);
    }

    private boolean isSeen(InetAddress address) {
        return plan.isSeen(address);
    }

    /** {@return the ranges whose reverse names are the cluster's} */
    List<Cidr> reverse() {
        return new ArrayList<>(plan.own());
    }
}
