/**
 * Tests that every provider must pass, and fakes to test with. A plug-in subclasses the contract of
 * its extension point in its own tests. Also an emulator of bad links, and what runs a built image
 * on them.
 */
@org.jspecify.annotations.NullMarked
module tp.testkit {
    requires static transitive org.jspecify;
    requires transitive tp.spi.transport;
    requires transitive tp.spi.dns;
    requires transitive tp.spi.namespace;
    requires transitive org.junit.jupiter.api;
    requires transitive org.junit.jupiter.params;
    requires org.assertj.core;
    // For the link emulator and what runs an image; a plug-in's tests do without.
    requires static tp.packet;
    requires static tp.os;

    exports tp.testkit;
    exports tp.testkit.laptop;
    exports tp.testkit.link;
    exports tp.testkit.load;
}
