package tp.tunnel;

/** The manager's end of a flow of datagrams, whatever they are. On the event loop. */
sealed interface ServerDatagrams permits ServerUdp, ServerEcho {

    /** The rules were asked: ESTABLISHED lets the flow begin, anything else ends it. */
    void allowed(DialOutcome verdict);

    void received(Message message);

    /** The flow is over. */
    void close();
}
