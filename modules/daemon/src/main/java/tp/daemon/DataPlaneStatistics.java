package tp.daemon;

import java.util.Map;
import tp.stack.Counter;

/**
 * The data plane in numbers, at one moment.
 *
 * @param flows connections in the stack's table, TIME_WAIT included
 * @param heldSyns connects whose outcome is not known, or is silence
 * @param dials connects that the manager is asked to make
 * @param sockets accepted and open
 * @param udpFlows open
 * @param echoFlows open
 * @param reassembling datagrams of which fragments came, and not all of them
 * @param datagramFlowsEvicted flows of UDP and echoes that ended because there were too many
 * @param answersDropped datagrams and replies, because the TUN's thread was behind
 * @param dnsDropped questions that found no room
 * @param strangers connections to the listener that nobody expected, and that were reset
 * @param acceptFailures because this process has too many files open
 * @param failures bugs met by the packet loop
 * @param packets the stack's counts
 */
record DataPlaneStatistics(
        int flows,
        int heldSyns,
        int dials,
        int sockets,
        int udpFlows,
        int echoFlows,
        int reassembling,
        long datagramFlowsEvicted,
        long answersDropped,
        long dnsDropped,
        long strangers,
        long acceptFailures,
        long failures,
        Map<Counter, Long> packets) {}
