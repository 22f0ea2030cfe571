/**
 * Views of network packets and their checksums. A view is a flyweight: it is pointed at a place in
 * a buffer, reads and writes there by absolute index, copies nothing and allocates nothing.
 * Malformed input is reported by a return value, never by an exception.
 */
@org.jspecify.annotations.NullMarked
module tp.packet {
    requires static transitive org.jspecify;

    exports tp.packet;
}
