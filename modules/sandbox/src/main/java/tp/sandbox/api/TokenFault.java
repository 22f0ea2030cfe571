package tp.sandbox.api;

/** What an API server does with tokens of service accounts, though they are in order. */
public enum TokenFault {
    NONE,

    /** Reviews say of every token that it is nobody's. */
    REFUSE,

    /** And whoever shows one is not let in either. */
    UNAUTHORIZED
}
