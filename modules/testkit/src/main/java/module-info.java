/**
 * Tests that every provider must pass, and fakes to test with. A plug-in subclasses the contract of
 * its extension point in its own tests.
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

    exports tp.testkit;
}
