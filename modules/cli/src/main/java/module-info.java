/** The command line. It renders; whatever has to be known or done, it asks of the daemon. */
@org.jspecify.annotations.NullMarked
module tp.cli {
    requires static transitive org.jspecify;
    requires tp.control;
    requires tp.spi.common;
    requires info.picocli;
    requires tools.jackson.core;
    requires org.snakeyaml.engine;
    requires java.net.http;

    // picocli reads the options' annotations.
    opens tp.cli to
            info.picocli;
}
