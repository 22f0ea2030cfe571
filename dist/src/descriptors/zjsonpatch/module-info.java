open module zjsonpatch {
    requires tools.jackson.core;
    requires transitive tools.jackson.databind;
    exports io.fabric8.zjsonpatch;
    exports io.fabric8.zjsonpatch.internal.collections4;
}
