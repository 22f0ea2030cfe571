package tp.stack;

/** What a stack counts. */
public enum Counter {
    PACKETS_RECEIVED,
    /** Rewritten and to be written back. */
    PACKETS_REWRITTEN,
    MALFORMED,
    /** IP fragments, which are not reassembled. */
    FRAGMENTS,
    ICMP_DROPPED,
    OTHER_PROTOCOLS,
    /** Multicast, broadcast, and addresses of a family that the TUN has no network of. */
    NOT_UNICAST,
    /** Segments of no known connection, answered by RST. */
    UNKNOWN_FLOW_RESET,
    /** Segments of no known connection that must not be answered. */
    UNKNOWN_FLOW_DROPPED,
    SYNS_HELD,
    /** SYNs dropped because too many were held. */
    SYN_TABLE_FULL,
    /** SYNs dropped because they were larger than any SYN. */
    SYN_OVERSIZE,
    /** Held SYNs forgotten because their application had given up. */
    SYNS_FORGOTTEN,
    FLOWS_ADMITTED,
    FLOWS_RELEASED,
    /** Dialled connections lost because every slot was taken. */
    FLOW_TABLE_FULL,
    UDP_RECEIVED,
    UDP_SENT,
    /** Datagrams to be sent that fit no packet. */
    UDP_OVERSIZE
}
