package tp.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tp.host.FieldReader.MalformedException;
import tp.os.InterfaceAddress;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;
import tp.spi.dns.HostChange;

class HelperCodecTest {

    private static final InetAddress FOUR = InetAddress.ofLiteral("10.254.7.2");
    private static final InetAddress SIX = InetAddress.ofLiteral("fd74:7470::2");

    static List<HelperRequest> requests() {
        return List.of(
                new HelperRequest.OpenDevice(
                        List.of(
                                InterfaceAddress.parse("10.254.7.1/24"),
                                InterfaceAddress.parse("fd74:7470::1/64")),
                        65_520),
                new HelperRequest.SetRoutes(
                        List.of(Cidr.parse("10.96.0.0/16"), Cidr.parse("fd00:10::/112"))),
                new HelperRequest.SetRoutes(List.of()),
                new HelperRequest.Apply(
                        List.of(
                                new HostChange.ResolvConf("nameserver 10.254.7.2\n# ü\n"),
                                new HostChange.LinkDns(
                                        "tp0123abcd", List.of(FOUR, SIX), List.of("svc")),
                                new HostChange.Port53Redirect(
                                        List.of(SIX), FOUR, HostChange.Askers.BEHIND_BRIDGES))),
                new HelperRequest.Listen(SIX),
                new HelperRequest.Restore());
    }

    static List<HelperReply> replies() {
        return List.of(
                new HelperReply.Ready(4711, "0.1.0", List.of("a note")),
                new HelperReply.DeviceOpened(true),
                new HelperReply.Listening(),
                new HelperReply.Done(List.of()),
                new HelperReply.Refused(TpException.Category.ENVIRONMENT, "what", "next"));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void requestsComeBack(HelperRequest request) throws MalformedException {
        byte[] bytes = HelperCodec.encode(request);
        assertThat(HelperCodec.request(ByteBuffer.wrap(bytes))).isEqualTo(request);
    }

    @ParameterizedTest
    @MethodSource("replies")
    void repliesComeBack(HelperReply reply) throws MalformedException {
        byte[] bytes = HelperCodec.encode(reply);
        assertThat(HelperCodec.reply(ByteBuffer.wrap(bytes))).isEqualTo(reply);
    }

    @ParameterizedTest
    @MethodSource("requests")
    void nothingButAWholeRequestIsARequest(HelperRequest request) {
        byte[] bytes = HelperCodec.encode(request);
        for (int length = 0; length <= bytes.length + 1; length++) {
            ByteBuffer cut = ByteBuffer.wrap(Arrays.copyOf(bytes, length));
            if (length != bytes.length) {
                assertThatThrownBy(() -> HelperCodec.request(cut))
                        .as("%s cut to %s", request, length)
                        .isInstanceOf(MalformedException.class);
            }
        }
    }

    /** With a fixed seed: whatever the bytes, there is a message or that one exception. */
    @Test
    void noBytesMakeItFailInAnotherWay() {
        Random random = new Random(20_261_123);
        List<byte[]> whole = requests().stream().map(HelperCodec::encode).toList();
        int refused = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = whole.get(random.nextInt(whole.size())).clone();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                HelperCodec.request(ByteBuffer.wrap(bytes));
            } catch (MalformedException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(1, 199_999);
    }
}
