package tp.transport.grpc;

/** What came is no message of ours; the peer is told the status and the message. */
final class MalformedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final GrpcStatus status;

    MalformedException(GrpcStatus status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    GrpcStatus status() {
        return status;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
