package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The data plane on a real device and the kernel's own TCP, the far side being the loopback. */
class DataPlaneTest {

    @Test
    void aLaptopsApplicationsSeeTheFarSideAsItIs() throws Exception {
        assertThat(OwnNetwork.run(Laptop.class)).endsWith("all held\n");
    }

    /** Where every datagram over 1,472 bytes is in fragments, in and out. */
    @Test
    void soTheyDoOnADeviceWithAnOrdinaryMtu() throws Exception {
        assertThat(OwnNetwork.run(Laptop.class, "1500")).endsWith("all held\n");
    }

    @Test
    void aFirewallInTheWayIsNamed() throws Exception {
        assertThat(OwnNetwork.run(FirewalledLaptop.class)).contains("all held");
    }
}
