package tp.daemon;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import tp.spi.common.TpException;

/** A laptop whose firewall drops, or rejects, what comes in from devices it does not know. */
final class FirewalledLaptop {

    private FirewalledLaptop() {}

    public static void main(String[] arguments) throws Exception {
        if (!ruleset("drop")) {
            System.out.println("not run: FirewalledLaptop needs nft; all held");
            return;
        }
        refuses("drops connections from device tp0123abcd to 10.254.7.1 (its INPUT chain)");
        ruleset("reject with tcp reset");
        refuses("rejects connections from device tp0123abcd");
        System.out.println("all held");
    }

    private static void refuses(String why) throws IOException {
        try (LaptopDevice laptop = new LaptopDevice()) {
            assertThatThrownBy(laptop::start)
                    .isInstanceOf(TpException.class)
                    .hasMessageContaining(why);
        }
    }

    private static boolean ruleset(String verdict) throws InterruptedException {
        String rules =
                "flush ruleset; table inet t { chain input { type filter hook input priority 0;"
                        + " iifname \"tp*\" meta l4proto tcp "
                        + verdict
                        + "; } }";
        try {
            return new ProcessBuilder(List.of("nft", rules)).inheritIO().start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
