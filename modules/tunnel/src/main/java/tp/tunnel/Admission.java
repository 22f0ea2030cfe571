package tp.tunnel;

/** The manager's answer to a client's hello. */
public sealed interface Admission {

    record Granted(SessionGrant grant) implements Admission {}

    /**
     * Not let in.
     *
     * @param reason one line for the client's user and the manager's log, without a secret
     */
    record Refused(String reason) implements Admission {}
}
