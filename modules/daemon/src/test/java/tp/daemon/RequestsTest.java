package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tp.control.ConnectSettings;
import tp.control.Finding;
import tp.control.FlowEntry;
import tp.control.PluginEntry;
import tp.control.Reply;
import tp.control.Request;
import tp.control.StatusReport;
import tp.spi.common.TpException;

/** The life of a daemon, with sessions that do nothing. */
class RequestsTest {

    private static final ConnectSettings PLAIN = settings(Optional.empty());

    private final List<Reply> replies = new ArrayList<>();
    private final List<String> events = new ArrayList<>();

    private static ConnectSettings settings(Optional<String> context) {
        return new ConnectSettings(
                Optional.empty(),
                context,
                Optional.empty(),
                List.of(),
                ConnectSettings.Account.USUAL,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                false,
                ConnectSettings.Outside.NONE);
    }

    private static Reply.Connected connectedTo(Reply.Found found) {
        return new Reply.Connected(
                found, "c", "s", Optional.empty(), OptionalLong.empty(), List.of());
    }

    private RunningSession session(ConnectSettings own) {
        return session(own, () -> events.add("closed"));
    }

    private static RunningSession session(ConnectSettings own, Runnable closing) {
        return new RunningSession() {
            @Override
            public Reply.Connected connected() {
                return connectedTo(Reply.Found.NOTHING);
            }

            @Override
            public Reply.Connected again(
                    ConnectSettings settings, Consumer<Reply.Progress> progress) {
                return connectedTo(Reply.Found.THE_SAME);
            }

            @Override
            public List<FlowEntry> flows() {
                return List.of();
            }

            @Override
            public Reply.Intercepted intercept(String name, Optional<String> namespace) {
                return new Reply.Intercepted(
                        new StatusReport.Intercept(name, namespace.orElse("own")), false);
            }

            @Override
            public void leave(String name) {
                throw TpException.usage("there is no intercept '" + name + "'", "see `tp list`");
            }

            @Override
            public List<String> differing(ConnectSettings settings) {
                return settings.equals(own) ? List.of() : List.of("--context", "--dns");
            }

            @Override
            public StatusReport report() {
                return StatusReport.notRunning();
            }

            @Override
            public List<PluginEntry> plugins() {
                return List.of();
            }

            @Override
            public void close() {
                closing.run();
            }
        };
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Requests requests(RunningSession.Starter starter) {
        return new Requests(starter, (settings, connected, progress) -> List.of(), List::of);
    }

    @Test
    void theSecondConnectSaysSoOrTellsToQuitFirst() {
        Requests requests = requests((own, progress, lost) -> session(own));
        requests.handle(new Request.Connect(PLAIN), replies::add);
        requests.handle(new Request.Connect(PLAIN), replies::add);
        requests.handle(new Request.Connect(settings(Optional.of("other"))), replies::add);
        assertThat(replies).hasSize(3);
        assertThat(((Reply.Connected) replies.get(0)).found()).isEqualTo(Reply.Found.NOTHING);
        assertThat(((Reply.Connected) replies.get(1)).found()).isEqualTo(Reply.Found.THE_SAME);
        Reply.Failed failed = (Reply.Failed) replies.get(2);
        assertThat(failed.category()).isEqualTo(TpException.Category.ENVIRONMENT);
        assertThat(failed.what()).endsWith("with another --context, --dns");
        assertThat(failed.nextStep()).contains("tp quit");
        assertThat(requests.idle()).isFalse();
        assertThat(events).isEmpty();
    }

    @Test
    void interceptsAreOfTheSessionThatRuns() {
        Requests requests = requests((own, progress, lost) -> session(own));
        Request intercept = new Request.Intercept("web", Optional.of("a"));
        requests.handle(intercept, replies::add);
        requests.handle(new Request.Connect(PLAIN), replies::add);
        requests.handle(intercept, replies::add);
        requests.handle(new Request.Leave("other"), replies::add);

        assertThat(((Reply.Failed) replies.get(0)).what())
                .isEqualTo("this machine is not connected");
        assertThat(((Reply.Intercepted) replies.get(2)).intercept())
                .isEqualTo(new StatusReport.Intercept("web", "a"));
        assertThat(((Reply.Failed) replies.get(3)).nextStep()).isEqualTo("see `tp list`");
        assertThat(requests.idle()).isFalse();
    }

    @Test
    void anExaminationKnowsOfTheSessionAndEndsADaemonThatHasNone() throws InterruptedException {
        Requests.Examiner examiner =
                (settings, connected, progress) ->
                        List.of(
                                new Finding(
                                        "x",
                                        Finding.Verdict.WORKS,
                                        Boolean.toString(connected),
                                        ""));
        Requests connected =
                new Requests((own, progress, lost) -> session(own), examiner, List::of);
        connected.handle(new Request.Connect(PLAIN), replies::add);
        connected.handle(new Request.Examine(PLAIN), replies::add);
        assertThat(((Reply.Examined) replies.getLast()).findings().getFirst().what())
                .isEqualTo("true");
        assertThat(connected.awaitEnd(0, TimeUnit.SECONDS)).isFalse();

        Requests alone = new Requests((own, progress, lost) -> session(own), examiner, List::of);
        Thread examination = begin(alone, new Request.Examine(PLAIN));
        assertThat(alone.awaitEnd(5, TimeUnit.SECONDS)).isTrue();
        assertThat(((Reply.Examined) replies.getLast()).findings().getFirst().what())
                .isEqualTo("false");
        assertThat(examination.join(Duration.ofMillis(100)))
                .as("the connection ends with the process")
                .isFalse();
        examination.interrupt();
    }

    private Thread begin(Requests requests, Request request) {
        return Thread.ofVirtual().start(() -> requests.handle(request, replies::add));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whileOneExaminesAllElseIsAnswered(boolean connected) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        Requests requests =
                new Requests(
                        (own, progress, lost) -> session(own),
                        (settings, session, progress) -> {
                            begun.countDown();
                            mayEnd.await();
                            return List.of();
                        },
                        List::of);
        if (connected) {
            requests.handle(new Request.Connect(PLAIN), reply -> {});
        }
        Thread examination = begin(requests, new Request.Examine(PLAIN));
        assertThat(begun.await(5, TimeUnit.SECONDS)).isTrue();

        requests.handle(new Request.Status(), replies::add);
        assertThat(((Reply.Status) replies.getFirst()).report().state())
                .isEqualTo(StatusReport.SessionState.NOT_CONNECTED);
        assertThat(requests.idle()).isFalse();
        if (connected) {
            Request intercept = new Request.Intercept("web", Optional.of("a"));
            assertThat(begin(requests, intercept).join(Duration.ofSeconds(5))).isTrue();
            assertThat(replies.getLast()).isInstanceOf(Reply.Intercepted.class);
            mayEnd.countDown();
            assertThat(examination.join(Duration.ofSeconds(5))).isTrue();
            assertThat(replies.getLast()).isInstanceOf(Reply.Examined.class);
        } else {
            requests.stop();
            examination.interrupt(); // of its wait for the end of the process
            assertThat(examination.join(Duration.ofSeconds(5))).isTrue();
            assertThat(((Reply.Failed) replies.getLast()).what())
                    .isEqualTo("the attempt was ended");
        }
    }

    @Test
    void aFailedConnectEndsTheDaemon() throws InterruptedException {
        Requests requests =
                requests(
                        (own, progress, lost) -> {
                            progress.accept(Reply.Progress.step("step"));
                            throw TpException.usage("no", "do");
                        });
        requests.handle(new Request.Connect(PLAIN), replies::add);
        assertThat(replies.getFirst()).isEqualTo(Reply.Progress.step("step"));
        assertThat(((Reply.Failed) replies.getLast()).what()).isEqualTo("no");
        assertThat(requests.awaitEnd(0, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void quitRestoresTheHostBeforeItSaysDone() throws InterruptedException {
        Requests requests = requests((own, progress, lost) -> session(own));
        requests.handle(new Request.Connect(PLAIN), reply -> events.add("connected"));
        Thread quit =
                Thread.ofVirtual()
                        .start(
                                () ->
                                        requests.handle(
                                                new Request.Quit(), reply -> events.add("done")));
        assertThat(requests.awaitEnd(5, TimeUnit.SECONDS)).isTrue();
        assertThat(events).containsExactly("connected", "closed", "done");
        assertThat(quit.isAlive()).as("the connection is held until the process ends").isTrue();
        requests.handle(new Request.Connect(PLAIN), replies::add);
        assertThat(((Reply.Failed) replies.getFirst()).what()).isEqualTo("the daemon is quitting");
        quit.interrupt();
    }

    @Test
    void nothingBeginsWhileTheLastSessionIsBeingEnded() throws InterruptedException {
        CountDownLatch closing = new CountDownLatch(1);
        CountDownLatch mayClose = new CountDownLatch(1);
        List<Consumer<String>> losers = new ArrayList<>();
        Requests requests =
                requests(
                        (own, progress, lost) -> {
                            losers.add(lost);
                            return session(
                                    own,
                                    () -> {
                                        closing.countDown();
                                        awaitQuietly(mayClose);
                                    });
                        });
        requests.handle(new Request.Connect(PLAIN), reply -> {});
        losers.getFirst().accept("gone");
        assertThat(closing.await(5, TimeUnit.SECONDS)).isTrue();
        Thread connect =
                Thread.ofVirtual()
                        .start(() -> requests.handle(new Request.Connect(PLAIN), replies::add));
        mayClose.countDown();

        assertThat(connect.join(Duration.ofSeconds(5))).isTrue();
        assertThat(((Reply.Failed) replies.getFirst()).what()).isEqualTo("the daemon is quitting");
        assertThat(losers).hasSize(1);
    }

    @Test
    void quitEndsAConnectThatHangs() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        Requests requests =
                requests(
                        (own, progress, lost) -> {
                            begun.countDown();
                            new CountDownLatch(1).await();
                            throw new AssertionError();
                        });
        Thread connect =
                Thread.ofVirtual()
                        .start(() -> requests.handle(new Request.Connect(PLAIN), replies::add));
        assertThat(begun.await(5, TimeUnit.SECONDS)).isTrue();
        requests.end();
        assertThat(connect.join(Duration.ofSeconds(5))).isTrue();
        assertThat(((Reply.Failed) replies.getFirst()).what()).isEqualTo("the attempt was ended");
    }

    @Test
    void aConnectEndsWithTheCommandThatAskedForIt() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        Requests requests =
                requests(
                        (own, progress, lost) -> {
                            begun.countDown();
                            new CountDownLatch(1).await();
                            throw new AssertionError();
                        });
        Thread connect = begin(requests, new Request.Connect(PLAIN));
        assertThat(begun.await(5, TimeUnit.SECONDS)).isTrue();
        requests.left(Thread.currentThread()); // somebody who asked for something else
        assertThat(connect.isAlive()).isTrue();

        requests.left(connect);
        assertThat(connect.join(Duration.ofSeconds(5))).isTrue();
        assertThat(((Reply.Failed) replies.getFirst()).what()).isEqualTo("the attempt was ended");
        assertThat(requests.awaitEnd(0, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aSessionThatNobodyIsToldOfIsEnded() throws InterruptedException {
        Requests requests = requests((own, progress, lost) -> session(own));
        Consumer<Reply> gone =
                reply -> {
                    throw new UncheckedIOException(new IOException("broken pipe"));
                };
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> requests.handle(new Request.Connect(PLAIN), gone));
        assertThat(events).containsExactly("closed");
        assertThat(requests.awaitEnd(0, TimeUnit.SECONDS)).isTrue();

        Requests running = requests((own, progress, lost) -> session(own));
        running.handle(new Request.Connect(PLAIN), replies::add);
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> running.handle(new Request.Connect(PLAIN), gone));
        assertThat(running.awaitEnd(0, TimeUnit.SECONDS)).as("it was there before").isFalse();
    }

    @Test
    void aLostSessionEndsTheDaemon() throws InterruptedException {
        List<Consumer<String>> losers = new ArrayList<>();
        Requests requests =
                requests(
                        (own, progress, lost) -> {
                            losers.add(lost);
                            return session(own);
                        });
        requests.handle(new Request.Connect(PLAIN), replies::add);
        losers.getFirst().accept("the helper died");
        assertThat(requests.awaitEnd(5, TimeUnit.SECONDS)).isTrue();
        assertThat(events).containsExactly("closed");
    }

    @Test
    void whatIsNoFailureForPeopleIsReportedAsOurs() {
        for (Throwable surprise :
                List.of(new IllegalStateException("line\nbreak"), new StackOverflowError())) {
            Requests requests =
                    requests(
                            (own, progress, lost) -> {
                                throw sneaky(surprise);
                            });
            requests.handle(new Request.Connect(PLAIN), replies::add);
            Reply.Failed failed = (Reply.Failed) replies.getLast();
            assertThat(failed.category()).isEqualTo(TpException.Category.BUG);
            assertThat(failed.what())
                    .startsWith("this is a bug in tp (" + surprise.getClass().getSimpleName())
                    .doesNotContain("\n");
            assertThat(failed.nextStep()).contains("log");
            assertThat(failed.trace()).contains("RequestsTest");
        }
    }

    private static RuntimeException sneaky(Throwable surprise) {
        if (surprise instanceof Error error) {
            throw error;
        }
        return (RuntimeException) surprise;
    }
}
