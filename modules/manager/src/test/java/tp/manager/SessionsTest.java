package tp.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tp.incluster.ClusterObject;
import tp.spi.common.Cidr;
import tp.tunnel.Admission;
import tp.tunnel.ClientHello;
import tp.tunnel.DialOutcome;
import tp.tunnel.EchoFailure;
import tp.tunnel.EchoTarget;
import tp.tunnel.MappingRequest;
import tp.tunnel.SessionControl;
import tp.tunnel.SessionGrant;
import tp.tunnel.Welcome;

class SessionsTest {

    private static final String AUDIENCE = "tp-manager/7";
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final InetSocketAddress PEER =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);
    private static final InetAddress WEB = InetAddress.ofLiteral("10.244.0.7");

    private static final EchoTarget.Ears NO_EARS =
            new EchoTarget.Ears() {
                @Override
                public void replied(ByteBuffer echoed) {}

                @Override
                public void failed(int sequence, EchoFailure reason) {}
            };

    private Instant now = START;
    private ClusterFacts facts =
            new ClusterFacts(
                    Set.of("default", "team-a", "kube-system"),
                    List.of(Cidr.parse("10.96.0.0/16")),
                    List.of(Cidr.parse("10.244.0.0/16")));
    private final FakeReviews reviews = new FakeReviews().allow(List.of("default", "team-a"));
    private final List<String> told = new ArrayList<>();
    private final AddressBook book = new AddressBook(() -> told.add("moved"));
    private final Reach reach = new Reach(book, () -> facts, address -> Set.of(), System::nanoTime);
    private final FakePings pings = new FakePings();
    private final Sessions sessions =
            new Sessions(
                    new Sessions.Self("0.1.0", 5, "cluster.local", List.of(), External.NONE, pings),
                    new Admissions(
                            AUDIENCE,
                            reviews,
                            new PeerLimit(() -> 0, PeerLimit.SESSIONS),
                            () -> now),
                    () -> facts,
                    reach,
                    new NameGuard(
                            "cluster.local",
                            reach,
                            new Coverage.WholeCluster(),
                            External.NONE,
                            new DnsForwarder(List.of(), Duration.ofSeconds(1))),
                    () -> now);

    static Stream<Arguments> tokensThatAreNoGood() {
        return Stream.of(
                Arguments.of("", "no token"),
                Arguments.of("abc", "none of a service account"),
                Arguments.of("a.b.c", "none of a service account"),
                Arguments.of("e30.e30.e30", "none of a service account"),
                Arguments.of("x".repeat(9000), "longer than"),
                Arguments.of(
                        FakeReviews.jwt("https://kubernetes", START.plusSeconds(600)),
                        "not for the audience"),
                Arguments.of(
                        FakeReviews.jwt("tp-manager/8", START.plusSeconds(600)),
                        "not for the audience"),
                Arguments.of(FakeReviews.jwt(AUDIENCE, START), "expired"));
    }

    @ParameterizedTest
    @MethodSource("tokensThatAreNoGood")
    void aTokenThatCannotBeGoodCostsTheApiServerNothing(String token, String reason) {
        assertThat(refusal(token, MappingRequest.everything())).contains(reason);
        assertThat(reviews.tokenReviews()).isZero();
        assertThat(sessions.size()).isZero();
    }

    @Test
    void whoTheApiServerDoesNotKnowIsRefused() {
        reviews.reject("the token was revoked");
        assertThat(refusal(token(), MappingRequest.everything())).contains("revoked");

        reviews.reject("");
        reviews.down(true);
        assertThat(refusal(token(), MappingRequest.everything())).contains("could not ask");

        reviews.down(false);
        reviews.accessDown(true);
        assertThat(refusal(token(), MappingRequest.everything())).contains("could not ask");
    }

    @Test
    void aFloodIsStoppedBeforeTheApiServer() {
        List<String> refusals = new ArrayList<>();
        for (int i = 0; i < PeerLimit.SESSIONS + 20; i++) {
            if (admit(token(), MappingRequest.everything()) instanceof Admission.Refused refused) {
                refusals.add(refused.reason());
            }
        }

        assertThat(refusals).hasSize(20).allMatch(reason -> reason.contains("too many"));
        assertThat(reviews.tokenReviews()).isEqualTo(PeerLimit.SESSIONS);
    }

    static Stream<Arguments> mappings() {
        return Stream.of(
                Arguments.of(MappingRequest.everything(), List.of("default", "team-a")),
                Arguments.of(MappingRequest.of(List.of("team-a")), List.of("team-a")),
                Arguments.of(
                        MappingRequest.of(List.of("team-a", "kube-system", "Not_A_Label", "")),
                        List.of("team-a")));
    }

    @ParameterizedTest
    @MethodSource("mappings")
    void onlyWhatIsAskedForAndAllowedIsGranted(MappingRequest asked, List<String> granted) {
        Welcome welcome = grant(asked).welcome();

        assertThat(welcome.namespaces()).isEqualTo(granted);
        assertThat(welcome.zone().clusterDomain()).isEqualTo("cluster.local");
        assertThat(welcome.serviceSubnets()).containsExactly(Cidr.parse("10.96.0.0/16"));
        assertThat(welcome.sessionId()).matches("[0-9a-f]{16}");
    }

    @Test
    void targetsOfEchoesAreBoundedForEachSessionAndThereIsAReasonWhereThereAreNone()
            throws IOException {
        SessionGrant grant = grant(MappingRequest.everything());
        List<EchoTarget> open = new ArrayList<>();
        for (int i = 0; i < Grant.MAX_ECHOES; i++) {
            open.add(grant.openEcho(WEB, NO_EARS));
        }
        assertThatThrownBy(() -> grant.openEcho(WEB, NO_EARS)).hasMessageContaining("too many");
        grant(MappingRequest.everything()).openEcho(WEB, NO_EARS);
        open.forEach(EchoTarget::close);
        grant.openEcho(WEB, NO_EARS);
        assertThat(pings.open).isEqualTo(2);
        assertThat(grant.welcome().noEcho()).isEmpty();

        pings.refusal = "the range is closed";
        assertThatThrownBy(() -> grant.openEcho(WEB, NO_EARS)).hasMessage("the range is closed");
        assertThat(grant.welcome().noEcho()).isEqualTo("the range is closed");
    }

    @Test
    void nothingAllowedIsARefusalThatSaysWhatIsMissing() {
        assertThat(refusal(token(), MappingRequest.of(List.of("kube-system"))))
                .contains("tp-client", "may not connect to kube-system", "tp-connect");
    }

    @Test
    void aNamespaceThatIsCreatedAppearsAndOneThatGoesDisappears() {
        SessionGrant all = grant(MappingRequest.everything());
        SessionGrant listed = grant(MappingRequest.of(List.of("default")));
        reviews.allow(List.of("default", "team-a", "team-b"));

        facts = new ClusterFacts(Set.of("default", "team-b", "secret"), List.of(), List.of());
        ((Grant) all).refresh();
        ((Grant) listed).refresh();

        assertThat(all.welcome().namespaces()).containsExactly("default", "team-b");
        assertThat(listed.welcome().namespaces()).containsExactly("default");
        assertThat(told).contains("update [default, team-b]", "recheck", "update [default]");
    }

    @Test
    void aFreshTokenIsNeededInTime() {
        SessionGrant grant = grant(MappingRequest.everything());

        now = START.plusSeconds(620);
        sessions.tend();
        assertThat(told).isEmpty();

        assertThat(grant.renew(FakeReviews.jwt(AUDIENCE, now.plusSeconds(600)))).isEmpty();
        now = now.plusSeconds(620);
        sessions.tend();
        assertThat(told).isEmpty();

        now = now.plusSeconds(20);
        sessions.tend();
        assertThat(told).containsExactly("revoke the token has expired and no fresh one came");
    }

    @Test
    void whoMayNoLongerConnectIsToldAndOpenFlowsAreAskedAboutAgain() {
        SessionGrant grant = grant(MappingRequest.everything());

        reviews.allow(List.of("default"));
        later();
        assertThat(grant.renew(token())).isEmpty();
        assertThat(told).containsExactly("update [default]", "recheck");
        assertThat(grant.welcome().namespaces()).containsExactly("default");

        later();
        reviews.accessDown(true);
        assertThat(grant.renew(token())).isEmpty();
        reviews.accessDown(false);

        reviews.allow(List.of());
        later(); // one question of that round may have been answered after the outage
        assertThat(grant.renew(token()).orElseThrow()).contains("no longer");
        reviews.reject("revoked");
        assertThat(grant.renew(token())).contains("revoked");
        assertThat(grant.renew("")).contains("no token");
        reviews.reject("");
        reviews.username("somebody else");
        assertThat(grant.renew(token()).orElseThrow()).contains("another account");
    }

    @Test
    void aMappingThatShrinksForbidsWhatItAllowed() {
        book.put(new ClusterObject.Pod("team-a", "web", List.of(WEB), false, false));
        SessionGrant grant = grant(MappingRequest.everything());
        assertThat(grant.mayReach(WEB, 80)).isEqualTo(DialOutcome.ESTABLISHED);

        reviews.allow(List.of("default"));
        later();
        assertThat(grant.renew(token())).isEmpty();

        assertThat(grant.mayReach(WEB, 80)).isEqualTo(DialOutcome.PROHIBITED);
    }

    @Test
    void aMappingIsChangedWhileTheSessionGoesOn() {
        book.put(new ClusterObject.Pod("team-a", "web", List.of(WEB), false, false));
        SessionGrant grant = grant(MappingRequest.of(List.of("team-a")));

        assertThat(grant.remap(MappingRequest.of(List.of("default", "kube-system")))).isEmpty();
        assertThat(told).containsExactly("update [default]", "recheck");
        assertThat(grant.mayReach(WEB, 80)).isEqualTo(DialOutcome.PROHIBITED);

        told.clear();
        assertThat(grant.remap(MappingRequest.of(List.of("kube-system"))).orElseThrow())
                .contains("may not connect to kube-system");
        assertThat(grant.mayReach(WEB, 80)).isEqualTo(DialOutcome.PROHIBITED);
        assertThat(grant.welcome().namespaces()).containsExactly("default");
        assertThat(told).isEmpty();

        assertThat(grant.remap(MappingRequest.everything())).isEmpty();
        assertThat(told).containsExactly("update [default, team-a]");
        assertThat(grant.mayReach(WEB, 80)).isEqualTo(DialOutcome.ESTABLISHED);

        reviews.allow(List.of("default"));
        later();
        assertThat(grant.renew(token())).isEmpty();
        assertThat(grant.welcome().namespaces()).containsExactly("default");
    }

    /** A namespace comes first, and the RoleBinding in it a moment later. */
    @Test
    void aNamespaceThatIsGrantedSoonAfterItCameAppears() {
        SessionGrant all = grant(MappingRequest.everything());
        SessionGrant listed = grant(MappingRequest.of(List.of("default", "late")));
        facts = new ClusterFacts(Set.of("default", "team-a", "late"), List.of(), List.of());
        ((Grant) all).refresh();
        ((Grant) listed).refresh();
        assertThat(all.welcome().namespaces()).containsExactly("default", "team-a");

        reviews.allow(List.of("default", "team-a", "late"));
        later();
        ((Grant) all).askAgain();
        ((Grant) listed).askAgain();

        assertThat(all.welcome().namespaces()).containsExactly("default", "late", "team-a");
        assertThat(listed.welcome().namespaces()).containsExactly("default", "late");
    }

    @Test
    void anAddressThatMovesIsAskedAboutInEverySession() {
        SessionGrant grant = grant(MappingRequest.of(List.of("default")));
        sessions.moved();
        assertThat(told).containsExactly("recheck");

        grant.closed();
        sessions.moved();
        assertThat(told).containsExactly("recheck");
        assertThat(sessions.size()).isZero();
    }

    /** Verdicts that were kept are no more. */
    private void later() {
        now = now.plus(Permissions.KEPT);
    }

    private String token() {
        return FakeReviews.jwt(AUDIENCE, now.plusSeconds(600));
    }

    private Admission admit(String token, MappingRequest mapping) {
        return sessions.admit(new ClientHello("0.1.0", token, mapping), PEER);
    }

    private String refusal(String token, MappingRequest mapping) {
        Admission admission = admit(token, mapping);
        assertThat(admission).isInstanceOf(Admission.Refused.class);
        String reason = ((Admission.Refused) admission).reason();
        if (!token.isEmpty()) {
            assertThat(reason).doesNotContain(token);
        }
        return reason;
    }

    private SessionGrant grant(MappingRequest mapping) {
        Admission admission = admit(token(), mapping);
        assertThat(admission).isInstanceOf(Admission.Granted.class);
        SessionGrant grant = ((Admission.Granted) admission).grant();
        grant.opened(
                new SessionControl() {
                    @Override
                    public void update(Welcome welcome) {
                        told.add("update " + welcome.namespaces());
                    }

                    @Override
                    public void recheck() {
                        told.add("recheck");
                    }

                    @Override
                    public void revoke(String reason) {
                        told.add("revoke " + reason);
                    }
                });
        grant.welcome();
        return grant;
    }
}
