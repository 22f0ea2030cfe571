package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tp.testkit.laptop.Laptop;

/** gRPC to the manager's port on the nodes: for {@code tp}, and for anybody who asks for health. */
@Needs("kubectl")
class GrpcIT {

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        Laptop.Result connected = laptop.run("tp connect --transport=grpc");
        assumeTrue(
                connected.exit() == 0 || Laptop.isSandbox(),
                () -> {
                    String line =
                            "not run: GrpcIT, since this cluster's ports are not reached: "
                                    + connected.output();
                    System.out.println(line);
                    return line;
                });
        assertThat(connected.exit()).as(connected.output()).isZero();
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @Test
    void aPageComesOverIt() throws Exception {
        assertThat(laptop.run("curl -fsS -m 10 verylargejavaservice.default:8080").output())
                .contains("<title>");
        assertThat(laptop.run("tp status --output json").output())
                .contains("\"transport\":{\"id\":\"grpc\"");
    }

    @Test
    void grpcJavaReachesTheManagersHealth() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Laptop.Result health =
                laptop.run(
                        """
                        at=$(tp plugins | sed -n 's/^transport *grpc .* to grpc:\\/\\///p')
                        exec %s -cp '%s' tp.dist.HealthPeer ${at%%:*} ${at##*:}"""
                                .formatted(java, System.getProperty("java.class.path")));

        assertThat(health.output()).endsWith("serving").doesNotContain("not serving");
        assertThat(health.exit()).isZero();
    }
}
