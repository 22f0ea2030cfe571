package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.testkit.laptop.Laptop;

/** {@code tp connect -- COMMAND}: its streams and exit code, and whose session ends with it. */
class ConnectCommandIT {

    private static final String PAGE = "curl -fsS -m 10 dataprocessingservice.default:3000";

    /** Says the exit code, and whether a session is left. */
    private static final String SCRIPT =
            """
            status() { tp status --output json | sed 's/.*"status":"\\([a-z_]*\\)".*/\\1/'; }
            ended() { echo "exit $1, $(status)"; }
            """;

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        assertThat(laptop.run("tp connect -- " + PAGE).exit()).isZero();
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = "::",
            textBlock =
                    """
                    exit code :: tp connect -- sh -c 'exit 7' 2>err; ended $? :: exit 7, not_connected
                    output :: tp connect -- sh -c 'echo hi; exit 3' 2>err | cat :: hi
                    input :: echo typed | tp connect -- cat 2>err :: typed
                    killed :: tp connect -- sh -c 'kill -9 $$' 2>err; ended $? :: exit 137, not_connected
                    a session that was there stays :: tp connect >out; tp connect -- false 2>err; ended $?; tp quit >out :: exit 1, connected
                    a signal :: tp connect -- sh -c 'echo $$ >pid; exec sleep 60' 2>err & tp=$!; until [ -s pid ]; do sleep 0.1; done; kill $tp; wait $tp; ended $? :: exit 143, not_connected
                    quit -s :: tp connect >out; tp quit -s >out; ended $? :: exit 0, not_connected
                    """)
    void isRunWithinASession(String name, String script, String expected) throws Exception {
        Laptop.Result result =
                laptop.run(
                        SCRIPT
                                + "folder=$(mktemp -d); trap 'rm -rf $folder' EXIT; cd $folder\n"
                                + script);

        assertThat(result.output()).isEqualTo(expected);
    }
}
