package tp.fuzz;

import java.util.List;

/** A group of parsers that are given bytes of somebody else. Has a public constructor. */
public interface Target {

    /**
     * Lets the parsers have an input.
     *
     * @throws Exception where a promise is broken; what the parsers are documented to throw is
     *     caught here
     */
    void take(byte[] input) throws Exception;

    /** {@return real messages, in the form of inputs: where the search begins} */
    List<byte[]> seeds() throws Exception;

    /**
     * {@return how much may be allocated on the heap for one input, all that the target itself
     * needs included}
     */
    long capBytes(int inputBytes);
}
