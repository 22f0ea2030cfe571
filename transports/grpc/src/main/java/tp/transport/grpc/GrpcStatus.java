package tp.transport.grpc;

import java.util.Locale;

/** The codes of gRPC that are used here, and those that others send. */
enum GrpcStatus {
    OK(0),
    CANCELLED(1),
    UNKNOWN(2),
    INVALID_ARGUMENT(3),
    DEADLINE_EXCEEDED(4),
    NOT_FOUND(5),
    ALREADY_EXISTS(6),
    PERMISSION_DENIED(7),
    RESOURCE_EXHAUSTED(8),
    FAILED_PRECONDITION(9),
    ABORTED(10),
    OUT_OF_RANGE(11),
    UNIMPLEMENTED(12),
    INTERNAL(13),
    UNAVAILABLE(14),
    DATA_LOSS(15),
    UNAUTHENTICATED(16);

    private final int code;

    GrpcStatus(int code) {
        this.code = code;
    }

    String code() {
        return Integer.toString(code);
    }

    /** {@return what people read of a code that came} */
    static String text(String code) {
        for (GrpcStatus one : values()) {
            if (one.code().equals(code)) {
                return code + " (" + one.name().toLowerCase(Locale.ROOT).replace('_', ' ') + ")";
            }
        }
        return Words.of(code);
    }
}
