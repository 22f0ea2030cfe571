package tp.sandbox.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Pod Security Standard that a namespace's label enforces, as far as pods here can break it:
 * volumes of kinds that are not known here, ports of the host, profiles of SELinux and AppArmor are
 * not looked at.
 */
final class PodSecurity {

    private static final String ENFORCE = "pod-security.kubernetes.io/enforce";

    /** Those that the standard calls safe. */
    private static final Set<String> SYSCTLS =
            Set.of(
                    "kernel.shm_rmid_forced",
                    "net.ipv4.ip_local_port_range",
                    "net.ipv4.ip_local_reserved_ports",
                    "net.ipv4.ip_unprivileged_port_start",
                    "net.ipv4.ping_group_range",
                    "net.ipv4.tcp_syncookies");

    /** Those that the baseline level lets a container add. */
    private static final Set<String> CAPABILITIES =
            Set.of(
                    "AUDIT_WRITE",
                    "CHOWN",
                    "DAC_OVERRIDE",
                    "FOWNER",
                    "FSETID",
                    "KILL",
                    "MKNOD",
                    "NET_BIND_SERVICE",
                    "SETFCAP",
                    "SETGID",
                    "SETPCAP",
                    "SETUID",
                    "SYS_CHROOT");

    private final JsonNode spec;

    /** What is wrong, and where. */
    private final Map<String, List<String>> violations = new LinkedHashMap<>();

    private PodSecurity(JsonNode spec) {
        this.spec = spec;
    }

    /**
     * @throws ApiException 403 where the namespace does not want such a pod
     */
    static void check(ObjectNode namespace, ObjectNode pod) {
        String level = Meta.labels(namespace).getOrDefault(ENFORCE, "");
        if (!level.equals("baseline") && !level.equals("restricted")) {
            return;
        }
        PodSecurity look = new PodSecurity(pod.path("spec"));
        look.baseline();
        if (level.equals("restricted")) {
            look.restricted();
        }
        if (!look.violations.isEmpty()) {
            String all =
                    look.violations.entrySet().stream()
                            .map(
                                    one ->
                                            "%s (%s)"
                                                    .formatted(
                                                            one.getKey(),
                                                            String.join(", ", one.getValue())))
                            .collect(Collectors.joining(", "));
            throw ApiException.forbidden(
                    Resources.PODS,
                    Meta.name(pod),
                    "violates PodSecurity \"%s:latest\": %s".formatted(level, all));
        }
    }

    private void baseline() {
        for (String host : List.of("hostNetwork", "hostPID", "hostIPC")) {
            if (spec.path(host).asBoolean(false)) {
                add("host namespaces", host + "=true");
            }
        }
        for (JsonNode volume : spec.path("volumes")) {
            if (volume.has("hostPath")) {
                add("hostPath volumes", "volume \"%s\"".formatted(text(volume, "name")));
            }
        }
        for (JsonNode sysctl : spec.at("/securityContext/sysctls")) {
            if (!SYSCTLS.contains(text(sysctl, "name"))) {
                add("forbidden sysctls", text(sysctl, "name"));
            }
        }
        for (JsonNode container : containers()) {
            if (container.at("/securityContext/privileged").asBoolean(false)) {
                must(container, "privileged", "not set securityContext.privileged=true");
            }
            added(container, "non-default capabilities", CAPABILITIES);
        }
    }

    private void restricted() {
        for (JsonNode container : containers()) {
            JsonNode own = container.path("securityContext");
            if (own.path("allowPrivilegeEscalation").asBoolean(true)) {
                must(
                        container,
                        "allowPrivilegeEscalation != false",
                        "set securityContext.allowPrivilegeEscalation=false");
            }
            if (own.at("/capabilities/drop")
                    .valueStream()
                    .noneMatch(one -> one.asString("").equals("ALL"))) {
                must(
                        container,
                        "unrestricted capabilities",
                        "set securityContext.capabilities.drop=[\"ALL\"]");
            }
            added(container, "unrestricted capabilities", Set.of("NET_BIND_SERVICE"));
            if (!either(own, "runAsNonRoot").map(one -> one.asBoolean(false)).orElse(false)) {
                must(container, "runAsNonRoot != true", "set securityContext.runAsNonRoot=true");
            }
            if (either(own, "runAsUser").filter(one -> one.asLong(1) == 0).isPresent()) {
                must(container, "runAsUser=0", "not set runAsUser=0");
            }
            String profile = either(own, "seccompProfile").map(one -> text(one, "type")).orElse("");
            if (!profile.equals("RuntimeDefault") && !profile.equals("Localhost")) {
                must(
                        container,
                        "seccompProfile",
                        "set securityContext.seccompProfile.type to \"RuntimeDefault\" or"
                                + " \"Localhost\"");
            }
        }
    }

    private void added(JsonNode container, String what, Set<String> allowed) {
        container
                .at("/securityContext/capabilities/add")
                .valueStream()
                .map(one -> one.asString(""))
                .filter(name -> !allowed.contains(name))
                .forEach(
                        name ->
                                must(
                                        container,
                                        what,
                                        "not include \"%s\" in securityContext.capabilities.add"
                                                .formatted(name)));
    }

    private List<JsonNode> containers() {
        List<JsonNode> all = new ArrayList<>();
        spec.path("initContainers").forEach(all::add);
        spec.path("containers").forEach(all::add);
        return all;
    }

    /** The container's own word counts before the pod's. */
    private Optional<JsonNode> either(JsonNode own, String field) {
        JsonNode said = own.has(field) ? own.path(field) : spec.at("/securityContext").path(field);
        return Optional.of(said).filter(one -> !one.isMissingNode());
    }

    private void must(JsonNode container, String what, String must) {
        add(what, "container \"%s\" must %s".formatted(text(container, "name"), must));
    }

    private void add(String what, String where) {
        violations.computeIfAbsent(what, key -> new ArrayList<>()).add(where);
    }

    private static String text(JsonNode object, String field) {
        return object.path(field).asString("");
    }
}
