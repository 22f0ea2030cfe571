package tp.sandbox.dns;

import org.xbill.DNS.Message;

/** Knows the answers to well-formed questions. Called from many threads at once. */
public interface DnsResponder {

    /**
     * Fills in the answer.
     *
     * @param query has exactly one question, of class IN
     * @param response has the query's id, flags and question already
     */
    void answer(Message query, Message response);
}
