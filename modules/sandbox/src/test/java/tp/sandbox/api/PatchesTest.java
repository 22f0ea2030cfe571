package tp.sandbox.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.Resources;

class PatchesTest {

    private static JsonNode json(String text) {
        return Json.MAPPER.readTree(text.replace('`', '"'));
    }

    private static ObjectNode object(String text) {
        return (ObjectNode) json(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // RFC 6902, appendix A
                "{`a`:1} | [{`op`:`add`,`path`:`/b`,`value`:2}] | {`a`:1,`b`:2}",
                "{`a`:[1,3]} | [{`op`:`add`,`path`:`/a/1`,`value`:2}] | {`a`:[1,2,3]}",
                "{`a`:[1]} | [{`op`:`add`,`path`:`/a/-`,`value`:2}] | {`a`:[1,2]}",
                "{`a`:1,`b`:2} | [{`op`:`remove`,`path`:`/b`}] | {`a`:1}",
                "{`a`:[1,2]} | [{`op`:`remove`,`path`:`/a/0`}] | {`a`:[2]}",
                "{`a`:1} | [{`op`:`replace`,`path`:`/a`,`value`:2}] | {`a`:2}",
                "{`a`:{`b`:1}} | [{`op`:`move`,`from`:`/a/b`,`path`:`/c`}] | {`a`:{},`c`:1}",
                "{`a`:{`b`:1}} | [{`op`:`copy`,`from`:`/a`,`path`:`/c`}]"
                        + " | {`a`:{`b`:1},`c`:{`b`:1}}",
                "{`a/b`:1} | [{`op`:`test`,`path`:`/a~1b`,`value`:1}] | {`a/b`:1}",
                "{`a`:1} | [{`op`:`test`,`path`:`/a`,`value`:2}] | !",
                "{`a`:1} | [{`op`:`remove`,`path`:`/b`}] | !",
                "{`a`:[1]} | [{`op`:`add`,`path`:`/a/7`,`value`:2}] | !",
                "{`a`:1} | [{`op`:`add`,`path`:`no`,`value`:2}] | !",
                "{`a`:1} | [{`op`:`what`,`path`:`/a`}] | !",
                "{`a`:1} | [{`op`:`add`,`path`:`/b`}] | !"
            })
    void jsonPatch(String target, String patch, String result) {
        if (result.equals("!")) {
            assertThatThrownBy(() -> JsonPatch.apply(json(target), json(patch)))
                    .isInstanceOf(ApiException.class);
        } else {
            assertThat(JsonPatch.apply(json(target), json(patch))).isEqualTo(json(result));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // RFC 7396, appendix A
                "{`a`:`b`} | {`a`:`c`} | {`a`:`c`}",
                "{`a`:`b`} | {`a`:null} | {}",
                "{`a`:[1]} | {`a`:[2]} | {`a`:[2]}",
                "{`a`:{`b`:`c`}} | {`a`:{`b`:`d`,`c`:null}} | {`a`:{`b`:`d`}}",
                "{} | {`a`:{`b`:{`c`:null}}} | {`a`:{`b`:{}}}"
            })
    void mergePatch(String target, String patch, String result) {
        assertThat(MergePatch.apply(json(target), json(patch))).isEqualTo(json(result));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{`containers`:[{`name`:`a`,`image`:`1`}]}"
                        + "| {`containers`:[{`name`:`b`,`image`:`2`}]}"
                        + "| {`containers`:[{`name`:`a`,`image`:`1`},{`name`:`b`,`image`:`2`}]}",
                "{`containers`:[{`name`:`a`,`image`:`1`}]}"
                        + "| {`containers`:[{`name`:`a`,`image`:`2`}]}"
                        + "| {`containers`:[{`name`:`a`,`image`:`2`}]}",
                "{`env`:[{`name`:`a`},{`name`:`b`}]}"
                        + "| {`env`:[{`name`:`a`,`$patch`:`delete`}]}"
                        + "| {`env`:[{`name`:`b`}]}",
                "{`env`:[{`name`:`a`}]} | {`env`:[{`$patch`:`replace`},{`name`:`b`}]}"
                        + "| {`env`:[{`name`:`b`}]}",
                "{`args`:[`a`]} | {`args`:[`b`]} | {`args`:[`b`]}",
                "{`finalizers`:[`a`]} | {`finalizers`:[`b`]} | {`finalizers`:[`a`,`b`]}",
                "{`finalizers`:[`a`,`b`]} | {`$deleteFromPrimitiveList/finalizers`:[`a`]}"
                        + "| {`finalizers`:[`b`]}",
                "{`ports`:[{`port`:1,`name`:`x`}]} | {`ports`:[{`port`:1,`targetPort`:2}]}"
                        + "| {`ports`:[{`port`:1,`name`:`x`,`targetPort`:2}]}",
                "{`ports`:[{`port`:53,`protocol`:`UDP`}]}"
                        + "| {`ports`:[{`port`:53,`protocol`:`TCP`}]}"
                        + "| {`ports`:[{`port`:53,`protocol`:`UDP`},{`port`:53,`protocol`:`TCP`}]}",
                "{`env`:[{`name`:`a`},{`name`:`b`}]}"
                        + "| {`$setElementOrder/env`:[{`name`:`b`},{`name`:`a`}]}"
                        + "| {`env`:[{`name`:`b`},{`name`:`a`}]}",
                "{`strategy`:{`type`:`RollingUpdate`,`rollingUpdate`:{}}}"
                        + "| {`strategy`:{`$retainKeys`:[`type`],`type`:`Recreate`}}"
                        + "| {`strategy`:{`type`:`Recreate`}}",
                "{`a`:{`b`:1}} | {`a`:{`$patch`:`replace`,`c`:2}} | {`a`:{`c`:2}}",
                "{`a`:1} | {`a`:null,`b`:{`c`:null}} | {`b`:{}}"
            })
    void strategicMerge(String target, String patch, String result) {
        assertThat(StrategicMerge.apply(object(target), object(patch))).isEqualTo(json(result));
    }

    private static ObjectNode apply(ObjectNode live, String manager, boolean force, String text) {
        return Ownership.applied(
                Resources.SERVICES,
                Clock.systemUTC(),
                new Ownership.Manager(manager, "Apply", ""),
                force,
                live,
                object(text));
    }

    @Test
    void serverSideApplyMindsTheOwners() {
        String one = "{`spec`:{`ports`:[{`port`:1,`name`:`a`},{`port`:2,`name`:`b`}]}}";
        ObjectNode live = apply(object("{}"), "me", false, one);
        live = apply(live, "other", false, "{`spec`:{`type`:`NodePort`}}");
        // What I leave out goes, what the other owns stays.
        live = apply(live, "me", false, "{`spec`:{`ports`:[{`port`:2,`name`:`b`}]}}");
        assertThat(live.path("spec"))
                .isEqualTo(json("{`ports`:[{`port`:2,`name`:`b`}],`type`:`NodePort`}"));
        ObjectNode present = live;
        assertThatThrownBy(() -> apply(present, "me", false, "{`spec`:{`type`:`ClusterIP`}}"))
                .hasMessage("Apply failed with 1 conflict: conflict with \"other\": .spec.type");
        live = apply(live.deepCopy(), "me", true, "{`spec`:{`type`:`ClusterIP`}}");
        assertThat(live.at("/spec/type").asString()).isEqualTo("ClusterIP");
        live = apply(live, "other", false, "{}");
        assertThat(live.at("/spec/type").asString()).isEqualTo("ClusterIP");
    }

    @Test
    void anUpdateTakesOwnership() {
        ObjectNode live = apply(object("{}"), "me", false, "{`spec`:{`type`:`NodePort`}}");
        ObjectNode edited = live.deepCopy();
        edited.withObject("/spec").put("type", "LoadBalancer");
        Ownership.updated(
                Resources.SERVICES,
                Clock.systemUTC(),
                new Ownership.Manager("editor", "Update", ""),
                live,
                edited);
        assertThatThrownBy(() -> apply(edited, "me", false, "{`spec`:{`type`:`NodePort`}}"))
                .hasMessage(
                        "Apply failed with 1 conflict: conflict with \"editor\" using v1:"
                                + " .spec.type");
    }
}
