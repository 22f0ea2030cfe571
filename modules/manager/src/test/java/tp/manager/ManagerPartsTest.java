package tp.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ResolvedModule;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.spi.common.AddressRanges;
import tp.spi.common.Cidr;
import tp.tunnel.ServerKey;
import tp.tunnel.ServerStatistics;
import tp.tunnel.Traffic;

class ManagerPartsTest {

    @Test
    void strangersAreTalliedOnceAMinuteAndOnlyWhenThereAreMore() {
        Tally tally = new Tally();
        long minute = 60_000_000_000L;

        assertThat(tally.line(counts(0, 0), 0)).isEmpty();
        assertThat(tally.line(counts(3, 1), 1))
                .hasValueSatisfying(line -> assertThat(line).startsWith("refused 3, malformed 1 "));
        assertThat(tally.line(counts(4, 1), minute)).isEmpty();
        assertThat(tally.line(counts(4, 1), minute + 1)).isPresent();
        assertThat(tally.line(counts(4, 1), 9 * minute)).isEmpty();
    }

    private static ServerStatistics counts(long refused, long malformed) {
        return new ServerStatistics(
                1,
                1,
                0,
                0,
                refused,
                malformed,
                new ServerStatistics.Kept(0, 0, 0, 0),
                new ServerStatistics.Shares(0, 0, 0),
                Traffic.NONE);
    }

    private static final long MAX_BYTES = 12 << 20;

    @ParameterizedTest
    @CsvSource({
        "'', ''",
        "10.244.0.7, 10.244.0.7/32",
        "10.244.0.7 10.244.0.7, 10.244.0.7/32",
        "10.244.0.4 10.244.0.7, 10.244.0.4/30",
        "10.244.0.7 10.244.200.1, 10.244.0.0/16",
        "10.244.0.7 10.245.0.1, 10.244.0.7/32 10.245.0.1/32",
        "10.0.0.1 192.0.2.1 10.0.255.1, 10.0.0.0/16 192.0.2.1/32",
        "fd00::1 fd00::ff 10.0.0.1, 10.0.0.1/32 fd00::/120",
        "fd00::1 fd00:0:0:1::1, fd00:0:0:1::1/128 fd00::1/128",
    })
    void addressesThatWereSeenAreCovered(String addresses, String ranges) {
        List<InetAddress> seen =
                Arrays.stream(addresses.split(" "))
                        .filter(one -> !one.isEmpty())
                        .map(InetAddress::ofLiteral)
                        .toList();

        assertThat(
                        Ranges.with(List.of(), seen).stream()
                                .map(Cidr::toString)
                                .collect(Collectors.joining(" ")))
                .isEqualTo(ranges);
    }

    @ParameterizedTest
    @CsvSource({
        "'', ''",
        "10.96.0.1 10.96.0.10, 10.96.0.1/32 10.96.0.10/32",
        "10.96.0.0 10.96.0.1, 10.96.0.0/31",
        "10.96.0.1 10.96.0.2, 10.96.0.1/32 10.96.0.2/32",
        "10.96.0.0 10.96.0.1 10.96.0.2 10.96.0.3 10.96.0.255, 10.96.0.0/30 10.96.0.255/32",
        "fd00::1 10.96.0.1 fd00::, 10.96.0.1/32 fd00::/127",
    })
    void addressesOfServicesAreTakenOneByOne(String addresses, String ranges) {
        List<InetAddress> seen =
                Arrays.stream(addresses.split(" "))
                        .filter(one -> !one.isEmpty())
                        .map(InetAddress::ofLiteral)
                        .toList();

        assertThat(
                        Ranges.withEach(List.of(), seen).stream()
                                .map(Cidr::toString)
                                .collect(Collectors.joining(" ")))
                .isEqualTo(ranges);
    }

    @Test
    void veryManyServicesAreCoveredByWiderRanges() {
        List<InetAddress> seen = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            seen.add(
                    InetAddress.ofLiteral("10.96.%d.%d".formatted(i * 3 / 256 % 256, i * 3 % 256)));
        }

        List<Cidr> ranges = Ranges.withEach(List.of(), seen);

        assertThat(ranges).hasSizeLessThanOrEqualTo(AddressRanges.MOST);
        assertThat(seen).allMatch(address -> Ranges.contains(ranges, address));
        assertThat(ranges).allMatch(Cidr.parse("10.96.0.0/16")::overlaps);
    }

    @Test
    void rangesThatAreKnownAreNotCoveredAgain() {
        assertThat(
                        Ranges.with(
                                List.of(Cidr.parse("10.96.0.0/16")),
                                List.of(
                                        InetAddress.ofLiteral("10.96.7.7"),
                                        InetAddress.ofLiteral("10.97.7.7"))))
                .containsExactly(Cidr.parse("10.96.0.0/16"), Cidr.parse("10.97.7.7/32"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "search tp-system.svc.corp.example svc.corp.example | corp.example",
                "search svc.cluster.local other.svc.x | cluster.local",
                "'' | cluster.local",
                "#search tp-system.svc.x | cluster.local",
                "search tp-system.svc. | cluster.local",
            })
    void theClustersDomainIsInTheSearchList(String search, String domain) {
        PodResolver resolver =
                PodResolver.parse(
                        "nameserver 10.96.0.10\nnameserver nope\n" + search + "\noptions ndots:5",
                        "tp-system");

        assertThat(resolver.clusterDomain()).isEqualTo(domain);
        assertThat(resolver.servers()).containsExactly(InetAddress.ofLiteral("10.96.0.10"));
    }

    @Test
    void aNewKeyIsReadBackAndNoTwoAreTheSame() throws Exception {
        Map<String, byte[]> one = OwnKey.generate();
        Map<String, byte[]> other = OwnKey.generate();

        ServerKey key = load(one);
        assertThat(key.pin()).isEqualTo(load(one).pin()).isNotEqualTo(load(other).pin());
        assertThat(one.get("password")).hasSize(48).isNotEqualTo(other.get("password"));
    }

    /** The manager also runs from plain jars: they are to stay small, and free of big clients. */
    @Test
    void theModulesAreFewAndSmall() {
        Map<String, Long> sizes = new TreeMap<>();
        closure("tp.manager").forEach((name, location) -> sizes.put(name, size(location)));
        long total = sizes.values().stream().mapToLong(Long::longValue).sum();

        System.out.println("manager: " + total + " bytes in " + sizes);
        assertThat(sizes).hasSizeGreaterThan(10).containsKeys("tp.tunnel", "io.netty.codec.http2");
        assertThat(sizes.keySet())
                .noneMatch(
                        name ->
                                name.contains("kube")
                                        || name.contains("fabric8")
                                        || name.contains("vertx"));
        assertThat(total).isBetween(1L << 20, MAX_BYTES);
    }

    private static ServerKey load(Map<String, byte[]> stored) throws Exception {
        byte[] password = stored.getOrDefault("password", new byte[0]);
        return ServerKey.load(
                stored.getOrDefault("keystore.p12", new byte[0]),
                new String(password, StandardCharsets.US_ASCII).toCharArray());
    }

    /** {@return what a module needs outside the JDK, and where that lies} */
    private static Map<String, URI> closure(String root) {
        Map<String, URI> found = new TreeMap<>();
        Deque<ResolvedModule> open = new ArrayDeque<>();
        open.add(ModuleLayer.boot().configuration().findModule(root).orElseThrow());
        while (!open.isEmpty()) {
            ResolvedModule module = open.remove();
            URI location = module.reference().location().orElseThrow();
            if (!location.getScheme().equals("jrt")
                    && found.putIfAbsent(module.name(), location) == null) {
                open.addAll(module.reads());
            }
        }
        return found;
    }

    private static long size(URI location) {
        try (Stream<Path> files = Files.walk(Path.of(location))) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
