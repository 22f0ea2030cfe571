package tp.stack;

import java.net.InetSocketAddress;

/**
 * Who speaks with whom.
 *
 * @param source the application's end
 * @param destination what it wants to reach
 */
public record FlowKey(InetSocketAddress source, InetSocketAddress destination) {}
