package tp.sandbox.store;

import java.util.List;
import java.util.stream.Collectors;

/** A request that the cluster refuses. The texts are those of a real API server. */
public final class ApiException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Status status;

    public ApiException(Status status) {
        super(status.message());
        this.status = status;
    }

    public Status status() {
        return status;
    }

    public static ApiException notFound(ResourceType type, String name) {
        return of(404, "NotFound", "\"%s\" not found".formatted(name), type, name);
    }

    public static ApiException alreadyExists(ResourceType type, String name) {
        return of(409, "AlreadyExists", "\"%s\" already exists".formatted(name), type, name);
    }

    public static ApiException conflict(ResourceType type, String name, String why) {
        String message =
                "Operation cannot be fulfilled on %s \"%s\": %s"
                        .formatted(type.qualifiedName(), name, why);
        return new ApiException(
                new Status(409, "Conflict", message, Status.Details.of(type, name)));
    }

    public static ApiException forbidden(ResourceType type, String name, String why) {
        return of(403, "Forbidden", "\"%s\" is forbidden: %s".formatted(name, why), type, name);
    }

    public static ApiException invalid(ResourceType type, String name, List<Status.Cause> causes) {
        String list =
                causes.stream()
                        .map(cause -> cause.field() + ": " + cause.message())
                        .collect(Collectors.joining(", "));
        String kind = type.group().isEmpty() ? type.kind() : type.kind() + "." + type.group();
        String message =
                "%s \"%s\" is invalid: %s"
                        .formatted(kind, name, causes.size() == 1 ? list : "[" + list + "]");
        return new ApiException(
                new Status(
                        422,
                        "Invalid",
                        message,
                        new Status.Details(name, type.group(), type.kind(), "", causes)));
    }

    /** A watch or a page that begins before what is remembered. */
    public static ApiException expired(long asked, long oldest) {
        return plain(410, "Expired", "too old resource version: %d (%d)".formatted(asked, oldest));
    }

    public static ApiException badRequest(String message) {
        return plain(400, "BadRequest", message);
    }

    public static ApiException plain(int code, String reason, String message) {
        return new ApiException(new Status(code, reason, message, Status.Details.NONE));
    }

    private static ApiException of(
            int code, String reason, String rest, ResourceType type, String name) {
        return new ApiException(
                new Status(
                        code,
                        reason,
                        type.qualifiedName() + " " + rest,
                        Status.Details.of(type, name)));
    }
}
