/**
 * What every extension point shares: identity, assessment, failures told to people, address ranges.
 */
@org.jspecify.annotations.NullMarked
module tp.spi.common {
    requires static transitive org.jspecify;

    exports tp.spi.common;
}
