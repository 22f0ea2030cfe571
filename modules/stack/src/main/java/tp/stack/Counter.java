package tp.stack;

/** What a stack counts. */
public enum Counter {
    PACKETS_RECEIVED,
    /** Rewritten and to be written back. */
    PACKETS_REWRITTEN,
    MALFORMED,
    FRAGMENTS_RECEIVED,
    /** Fragments of what nobody sends in fragments, or nobody would answer: all but UDP. */
    FRAGMENTS_UNWANTED,
    /** Fragments without data, or that end where none but the last may. */
    FRAGMENTS_MALFORMED,
    /** Fragments that had come before. */
    FRAGMENTS_DUPLICATE,
    /** Further fragments of datagrams that were dropped. */
    FRAGMENTS_LATE,
    DATAGRAMS_REASSEMBLED,
    /** Datagrams dropped because fragments of them overlap, or name different ends. */
    REASSEMBLY_OVERLAP,
    /** Datagrams dropped because they would be longer than a packet can be. */
    REASSEMBLY_TOO_LONG,
    /** Datagrams dropped because not all of their fragments came in time. */
    REASSEMBLY_TIMED_OUT,
    /** Incomplete datagrams dropped because there was no room for a newer one. */
    REASSEMBLY_EVICTED,
    /** Reassembled datagrams dropped because they are none, or their checksum is wrong. */
    REASSEMBLY_WRONG,
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
    /** Of these, the ones that went out in fragments. */
    UDP_FRAGMENTED,
    /** Datagrams to be sent that fit no packet. */
    UDP_OVERSIZE
}
