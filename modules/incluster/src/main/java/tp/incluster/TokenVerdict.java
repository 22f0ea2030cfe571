package tp.incluster;

/** What the API server says of a token. */
public sealed interface TokenVerdict {

    record Accepted(Identity identity) implements TokenVerdict {}

    record Rejected(String reason) implements TokenVerdict {}
}
