/**
 * The network stack that stands between a TUN and the kernel's own TCP: packets in, packets and
 * events out. It has no sockets, clocks, threads or logging; time is a parameter. It holds a SYN
 * until the far dial is known, then rewrites both directions of the connection in place so that a
 * local listener's kernel socket serves it; UDP is taken from the TUN and answered directly.
 */
@org.jspecify.annotations.NullMarked
module tp.stack {
    requires static transitive org.jspecify;
    requires tp.packet;

    exports tp.stack;
}
