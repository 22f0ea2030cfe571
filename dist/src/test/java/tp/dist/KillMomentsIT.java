package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tp.testkit.laptop.Laptop;

/**
 * Promise 3 at any moment: a process of tp is killed while it connects or quits, and the host is as
 * before within 2 s, or after one {@code tp quit --repair} where all were killed at once. {@code
 * -Dkills.moments=200} takes so many moments, {@code -Dkills.seed=N} those of a run that failed.
 */
@Needs("pgrep")
class KillMomentsIT {

    private static final int USUAL = 10;
    private static final int MOMENTS = Integer.getInteger("kills.moments", USUAL);

    /** Builds have the same moments; whoever looks for more has others each time. */
    private static final long SEED =
            Long.getLong("kills.seed", MOMENTS == USUAL ? 1 : System.nanoTime());

    /** Moments reach a little beyond the usual end. */
    private static final double STRETCH = 1.1;

    private static final Pattern TOOK = Pattern.compile("as before after (\\d+) ms");

    private enum Victim {
        FRONT,
        DAEMON,
        HELPER,
        KEEPER,
        ALL
    }

    /** What tp does at the moment. */
    private enum Phase {
        CONNECT,
        QUIT
    }

    /** When which process is killed: so long after the phase has begun. */
    private record Moment(Phase phase, Victim victim, long afterMs) {

        String script() {
            return "moment %s %s %d.%03d"
                    .formatted(
                            phase.name().toLowerCase(Locale.ROOT),
                            victim.name().toLowerCase(Locale.ROOT),
                            afterMs / 1000,
                            afterMs % 1000);
        }
    }

    private static final String SHELL =
            HostPicture.SHELL
                    + """
                    now() { date +%s%3N; }
                    of() {
                        case $1 in
                        front) echo $front ;;
                        daemon) pgrep -f 'bin/tp daemon|tp.daemon/tp.daemon.Main' ;;
                        helper) pgrep -f tp.host/tp.host.HelperMain ;;
                        keeper) pgrep -f tp.host/tp.host.KeeperMain ;;
                        all) for one in front daemon helper keeper; do of $one; done ;;
                        left) for one in daemon helper keeper; do of $one; done ;;
                        esac
                    }
                    # What connecting and quitting take, and when each process appears.
                    durations() {
                        tp connect >/dev/null 2>&1 && tp quit >/dev/null || exit 1
                        picture >$T/picture.before
                        begun=$(now); tp connect >$T/out 2>&1 & front=$!
                        for one in daemon helper keeper; do
                            until [ -n "$(of $one)" ]; do kill -0 $front || exit 1; done; echo $one $(( $(now) - begun ))
                        done
                        wait $front; echo connect $(( $(now) - begun ))
                        begun=$(now); tp quit >/dev/null; echo quit $(( $(now) - begun ))
                    }
                    state() { tp status --output json 2>/dev/null | tr -d ' \\n' | sed 's/.*"status":"\\([a-z_]*\\)".*/\\1/'; }
                    resolves() { getent hosts $1 >/dev/null || echo "$1 does not resolve"; }
                    # Whoever was not killed may go on; it has to work then, and to end when it is told to. A daemon
                    # that was asked for nothing waits for the next command.
                    settle() {
                        state=
                        until [ -z "$(of daemon)" ]; do
                            state=$(state)
                            if [ "$state" = connected ]; then
                                echo stayed; resolves x.dev; resolves tcp-echo.default
                                tp quit >/dev/null 2>&1 || echo "quit failed"
                            elif [ $1 = front ] && [ "$state" != not_running ] && [ $(( $(now) - killed )) -gt 2000 ]; then
                                [ "$state" = not_connected ] || echo "$state for 2 s after $1 was killed"
                                break
                            fi
                        done
                        [ $1 = front ] && [ $2 = connect ] && [ "$state" != connected ] || killed=$(now)
                    }
                    restored() {
                        while :; do
                            at=$(now); picture >$T/picture.now
                            [ $(( at - killed )) -le 2000 ] || break
                            cmp -s $T/picture.before $T/picture.now && echo "as before after $(( at - killed )) ms" && return
                        done
                        echo "not as before:"; diff $T/picture.before $T/picture.now
                    }
                    moment() {
                        [ $1 = connect ] || tp connect >$T/out 2>&1 || { echo "no connect"; cat $T/out; return; }
                        tp $1 >$T/out 2>&1 & front=$!
                        sleep $3
                        pids=$(of $2); killed=$(now)
                        [ -z "$pids" ] || kill -9 $pids 2>/dev/null
                        echo "killed" $pids
                        if [ $2 = all ]; then
                            tp quit --repair >$T/repair 2>&1 || cat $T/repair; killed=$(now)
                        elif [ -z "$pids" ] || [ $2 = front ] || [ $2 = keeper ]; then
                            settle $2 $1
                        fi
                        restored
                        [ $2 != front ] || tp quit >/dev/null 2>&1
                        for i in $(seq 100); do [ -n "$(of left)" ] || break; sleep 0.05; done
                        [ -z "$(of left)" ] || { echo "processes are left"; ps -o pid,args -p "$(of left | paste -sd,)"; }
                        picture >$T/picture.now; cmp -s $T/picture.before $T/picture.now || echo "changed again"
                        resolves x.dev
                        [ -z "$(of left)" ] || kill -9 $(of left); tp quit >/dev/null 2>&1
                    }
                    """;

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @Test
    void theHostIsAsBefore() throws Exception {
        Map<String, Long> times = times();
        System.out.println("kills.seed=" + SEED + ", times in ms: " + times);
        SplittableRandom random = new SplittableRandom(SEED);
        Map<Victim, List<Long>> took = new EnumMap<>(Victim.class);
        List<String> failed = new ArrayList<>();
        for (int i = 0; i < MOMENTS; i++) {
            Moment moment = moment(i, random, times);
            String said = laptop.run(Duration.ofMinutes(2), SHELL + moment.script()).output();
            System.out.println(moment.script() + ": " + said.replace('\n', ';'));
            Matcher time = TOOK.matcher(said);
            if (time.find()) {
                took.computeIfAbsent(moment.victim(), one -> new ArrayList<>())
                        .add(Long.valueOf(time.group(1)));
            }
            if (!said.lines().allMatch(KillMomentsIT::isGood)) {
                failed.add(moment.script() + ": " + said);
            }
        }
        took.forEach(
                (victim, ms) -> System.out.println(victim + " " + ms.stream().sorted().toList()));
        assertThat(failed).as("-Dkills.seed=" + SEED).isEmpty();
    }

    private static boolean isGood(String line) {
        return line.startsWith("killed") || line.startsWith("as before") || line.equals("stayed");
    }

    private static Map<String, Long> times() throws Exception {
        Laptop.Result result = laptop.run(Duration.ofMinutes(2), SHELL + "durations");
        assertThat(result.exit()).as(result.output()).isZero();
        Map<String, Long> times = new java.util.TreeMap<>();
        result.output()
                .lines()
                .map(line -> line.split(" ", -1))
                .forEach(words -> times.put(words[0], Long.valueOf(words[1])));
        assertThat(times).containsKeys("daemon", "helper", "keeper", "connect", "quit");
        return times;
    }

    /**
     * Each process has its turn, in both phases; the moment is by chance, from when there is one.
     */
    private static Moment moment(int turn, SplittableRandom random, Map<String, Long> times) {
        Victim victim = Victim.values()[turn % Victim.values().length];
        Phase phase = Phase.values()[turn / Victim.values().length % Phase.values().length];
        long begin =
                phase == Phase.QUIT
                        ? 0
                        : times.getOrDefault(victim.name().toLowerCase(Locale.ROOT), 0L);
        double end = times.get(phase.name().toLowerCase(Locale.ROOT)) * STRETCH;
        return new Moment(phase, victim, begin + (long) (random.nextDouble() * (end - begin)));
    }
}
