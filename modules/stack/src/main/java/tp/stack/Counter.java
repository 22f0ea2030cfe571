package tp.stack;

/** What a stack counts. */
public enum Counter {
    PACKETS_RECEIVED,
    /** Rewritten and to be written back. */
    PACKETS_REWRITTEN,
    MALFORMED,
    FRAGMENTS_RECEIVED,
    /** Fragments of what nobody sends in fragments, or nobody would answer: no UDP, no ICMP. */
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
    /** ICMP that asks for no echo, or whose checksum is wrong, or to an address of tp's own. */
    ICMP_DROPPED,
    ECHO_REQUESTS,
    ECHO_REPLIES,
    /** Replies that fit no packet, or are too short for one. */
    ECHO_UNFIT,
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
    /** Datagrams and echo replies that went out in fragments. */
    SENT_IN_FRAGMENTS,
    /** Datagrams to be sent that fit no packet. */
    UDP_OVERSIZE
}
