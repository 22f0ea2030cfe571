package tp.sandbox.api;

import java.util.List;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.Status;

/**
 * Something that somebody wants to do.
 *
 * @param resource with its subresource: {@code pods/log}; empty for a path that is no object
 * @param path empty for an object
 */
record Access(
        String verb, String group, String resource, String namespace, String name, String path) {

    static Access toPath(String verb, String path) {
        return new Access(verb, "", "", "", "", path);
    }

    static Access impersonation(String resource, String name) {
        String[] words = name.split(":", -1);
        boolean isAccount = words.length == 4 && name.startsWith("system:serviceaccount:");
        return isAccount
                ? new Access("impersonate", "", "serviceaccounts", words[2], words[3], "")
                : new Access("impersonate", "", resource, "", name, "");
    }

    static Access to(Request request, Target target) {
        String resource =
                target.subresource().isEmpty()
                        ? target.resource()
                        : target.resource() + "/" + target.subresource();
        // Clients watch one object as a list that only it can match.
        String field = request.parameter("fieldSelector");
        boolean isOne = target.isCollection() && field.startsWith("metadata.name=");
        String name =
                isOne && !field.contains(",")
                        ? field.substring(field.lastIndexOf('=') + 1)
                        : target.name();
        return new Access(
                verb(request, target), target.group(), resource, target.namespace(), name, "");
    }

    Access with(String otherVerb) {
        return new Access(otherVerb, group, resource, namespace, name, path);
    }

    /** {@return whether it opens a stream into a pod} */
    boolean isIntoPod() {
        return resource.equals("pods/portforward")
                || resource.equals("pods/exec")
                || resource.equals("pods/attach");
    }

    private static String verb(Request request, Target target) {
        return switch (request.method()) {
            case "GET", "HEAD" ->
                    !target.isCollection() ? "get" : request.flag("watch") ? "watch" : "list";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> target.isCollection() ? "deletecollection" : "delete";
            default -> "";
        };
    }

    /** {@return the answer of a real API server to somebody who may not} */
    ApiException refused(User user) {
        if (resource.isEmpty()) {
            return ApiException.plain(
                    403,
                    "Forbidden",
                    "forbidden: User \"%s\" cannot %s path \"%s\""
                            .formatted(user.name(), verb, path));
        }
        int slash = resource.indexOf('/');
        String type = slash < 0 ? resource : resource.substring(0, slash);
        String what = group.isEmpty() ? type : type + "." + group;
        String object = name.isEmpty() ? what : what + " \"" + name + "\"";
        String where =
                namespace.isEmpty()
                        ? "at the cluster scope"
                        : "in the namespace \"" + namespace + "\"";
        String message =
                "%s is forbidden: User \"%s\" cannot %s resource \"%s\" in API group \"%s\" %s"
                        .formatted(object, user.name(), verb, resource, group, where);
        return new ApiException(
                new Status(
                        403,
                        "Forbidden",
                        message,
                        new Status.Details(name, group, type, "", List.of())));
    }
}
