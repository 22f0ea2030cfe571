package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tp.dns.AddressQuestion;
import tp.kube.ClusterTable;
import tp.kube.ClusterTable.ObjectName;

/** The names of a table. */
class DirectNamesTest {

    /** Looked for in all slices for each Service this would take minutes. */
    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void thereMayBeVeryManyHeadlessServices() {
        List<ClusterTable.Service> services = new ArrayList<>();
        List<ClusterTable.Slice> slices = new ArrayList<>();
        for (int i = 0; i < 60_000; i++) {
            ObjectName name = new ObjectName("default", "peers-" + i);
            services.add(
                    new ClusterTable.Service(name, List.of(), Optional.empty(), false, List.of()));
            InetAddress address = InetAddress.ofLiteral("10.1." + i / 256 + "." + i % 256);
            slices.add(
                    new ClusterTable.Slice(
                            name,
                            List.of(),
                            List.of(
                                    new ClusterTable.Endpoint(
                                            List.of(address), true, "", Optional.empty()))));
        }
        var zone =
                DirectNames.of(
                        "cluster.local",
                        new ClusterTable(services, slices, List.of()),
                        List.of("default"));

        assertThat(lack(zone.answer(question("peers-59999.default.svc.cluster.local")))).isEmpty();
        assertThat(lack(zone.answer(question("peers-60000.default.svc.cluster.local"))))
                .isEqualTo("NXDOMAIN");
    }

    private static ByteBuffer question(String name) {
        return ByteBuffer.wrap(AddressQuestion.of(name));
    }

    private static String lack(Optional<byte[]> answer) {
        return AddressQuestion.lack(answer.orElseThrow());
    }
}
