package tp.sandbox.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a container's program may do: {@code securityContext} of the container and its pod.
 *
 * @param user 0 for root
 * @param isPrivileged whether nothing is taken away
 * @param capabilities in lower case, without {@code cap_}; of no use to other users than root
 * @param mayPing whether its group may open sockets of ICMP, as {@code net.ipv4.ping_group_range}
 *     says
 */
record Security(
        long user,
        long group,
        boolean isPrivileged,
        boolean noNewPrivileges,
        Set<String> capabilities,
        boolean mayPing) {

    private static final String PING_GROUPS = "net.ipv4.ping_group_range";

    /** What container runtimes leave to root. */
    private static final Set<String> USUAL =
            Set.of(
                    "audit_write",
                    "chown",
                    "dac_override",
                    "fowner",
                    "fsetid",
                    "kill",
                    "mknod",
                    "net_bind_service",
                    "net_raw",
                    "setfcap",
                    "setgid",
                    "setpcap",
                    "setuid",
                    "sys_chroot");

    static Security of(ObjectNode pod, JsonNode container) throws NotStartedException {
        JsonNode own = container.path("securityContext");
        JsonNode shared = pod.at("/spec/securityContext");
        JsonNode asked = either(own, shared, "runAsUser");
        long user = asked.asLong(0);
        if (either(own, shared, "runAsNonRoot").asBoolean(false) && user == 0) {
            String where =
                    " (pod: \"%s_%s(%s)\", container: %s)"
                            .formatted(
                                    Json.name(pod),
                                    Json.namespace(pod),
                                    Json.uid(pod),
                                    Json.text(container, "/name"));
            throw new NotStartedException(
                    "CreateContainerConfigError",
                    (asked.isMissingNode()
                                    ? "container has runAsNonRoot and image will run as root"
                                    : "container's runAsUser breaks non-root policy")
                            + where);
        }
        long group = either(own, shared, "runAsGroup").asLong(0);
        return new Security(
                user,
                group,
                Json.flag(own, "/privileged"),
                !own.path("allowPrivilegeEscalation").asBoolean(true),
                capabilities(own),
                mayPing(shared, group));
    }

    /**
     * The range is containerd's, open to all groups, unless the pod asks for another; it is one of
     * the sysctls that the kubelet calls safe. Others are not known here.
     */
    private static boolean mayPing(JsonNode shared, long group) throws NotStartedException {
        for (JsonNode sysctl : shared.path("sysctls")) {
            String name = Json.text(sysctl, "/name");
            String value = Json.text(sysctl, "/value");
            if (!name.equals(PING_GROUPS)) {
                throw new NotStartedException(
                        "SysctlForbidden", "forbidden sysctl: \"" + name + "\" not allowlisted");
            }
            if (!value.matches("\\d{1,10}\\s+\\d{1,10}")) {
                throw new NotStartedException(
                        "CreateContainerError", name + ": \"" + value + "\" is no range");
            }
            String[] ends = value.split("\\s+", -1);
            return Long.parseLong(ends[0]) <= group && group <= Long.parseLong(ends[1]);
        }
        return true;
    }

    private static JsonNode either(JsonNode own, JsonNode shared, String field) {
        return own.has(field) ? own.path(field) : shared.path(field);
    }

    private static Set<String> capabilities(JsonNode own) {
        Set<String> all = new TreeSet<>(USUAL);
        for (String name : names(own, "drop")) {
            if (name.equals("all")) {
                all.clear();
            }
            all.remove(name);
        }
        all.addAll(names(own, "add"));
        return all;
    }

    private static List<String> names(JsonNode own, String what) {
        return Json.texts(own, "/capabilities/" + what).stream()
                .map(name -> name.toLowerCase(Locale.ROOT).replaceFirst("^cap_", ""))
                .toList();
    }

    /**
     * {@return the begin of a command line whose program is restricted like this}
     *
     * <p>The sandbox has one user only. Another one is made of it by a user namespace that shows it
     * with another number, in which it has no capability.
     */
    List<String> prefix() {
        List<String> line = new ArrayList<>();
        if (user != 0) {
            line.addAll(List.of(Commands.tool("unshare"), "--user"));
            line.add("--map-user=" + user);
            line.add("--map-group=" + group);
            line.add("--");
        }
        line.addAll(restrictions());
        return line;
    }

    /** {@return the same for a program that is put into the container's namespaces} */
    List<String> restrictions() {
        List<String> options = new ArrayList<>();
        if (noNewPrivileges) {
            options.add("--no-new-privs");
        }
        if (!isPrivileged && user == 0) {
            options.add("--inh-caps=-all");
            StringBuilder bounding = new StringBuilder("--bounding-set=-all");
            capabilities.forEach(name -> bounding.append(",+").append(name));
            options.add(bounding.toString());
        }
        if (options.isEmpty()) {
            return options;
        }
        options.addFirst(Commands.tool("setpriv"));
        options.add("--");
        return options;
    }
}
