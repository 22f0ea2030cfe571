package tp.sandbox.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ObjectStoreTest {

    private final ObjectStore store = new ObjectStore();

    private static ObjectNode json(String text) {
        return (ObjectNode) new JsonMapper().readTree(text.replace('\'', '"'));
    }

    private static ObjectNode named(String name) {
        return json("{'metadata':{'name':'%s','namespace':'default'}}".formatted(name));
    }

    private static ObjectNode owned(String name, ObjectNode owner) {
        ObjectNode object = named(name);
        Meta.of(object)
                .putArray("ownerReferences")
                .addObject()
                .put("apiVersion", owner.path("apiVersion").asString())
                .put("kind", owner.path("kind").asString())
                .put("name", Meta.name(owner))
                .put("uid", Meta.uid(owner));
        return object;
    }

    @Test
    void writesOfAnOldVersionAreConflicts() {
        ObjectNode first = store.create(Resources.CONFIG_MAPS, named("a"));
        ObjectNode second = first.deepCopy();
        second.putObject("data").put("k", "v");
        assertThat(Meta.resourceVersion(store.update(Resources.CONFIG_MAPS, second)))
                .isNotEqualTo(Meta.resourceVersion(first));
        assertThatThrownBy(() -> store.update(Resources.CONFIG_MAPS, first))
                .hasMessage(
                        "Operation cannot be fulfilled on configmaps \"a\": the object has been"
                                + " modified; please apply your changes to the latest version and"
                                + " try again");
    }

    /** Bytes count as they are, and those of text and of binary data together. */
    @Test
    void aConfigMapHoldsOneMebibyte() {
        ObjectNode object = named("a");
        object.putObject("binaryData").put("b", "AAAA".repeat(100_000));
        object.putObject("data").put("k", "x".repeat((1 << 20) - 300_000));
        store.create(Resources.CONFIG_MAPS, object.deepCopy());

        object.withObject("/data").put("l", "x");
        object.withObject("/metadata").put("name", "b");
        assertThatThrownBy(() -> store.create(Resources.CONFIG_MAPS, object))
                .hasMessage(
                        "ConfigMap \"b\" is invalid: []: Too long: may not be more than 1048576"
                                + " bytes");
    }

    @Test
    void anImmutableConfigMapIsReplacedByAnotherOneOnly() {
        ObjectNode object = named("a");
        object.put("immutable", true).putObject("binaryData").put("k", "AAAA");
        ObjectNode made = store.create(Resources.CONFIG_MAPS, object);
        ObjectNode changed = made.deepCopy();
        changed.withObject("/binaryData").put("k", "AAAB");

        assertThatThrownBy(() -> store.update(Resources.CONFIG_MAPS, changed))
                .hasMessageContaining("binaryData: Forbidden: field is immutable when `immutable`");
        ObjectNode loosened = made.deepCopy().put("immutable", false);
        assertThatThrownBy(() -> store.update(Resources.CONFIG_MAPS, loosened))
                .hasMessageContaining("immutable: Forbidden: field is immutable");
        store.delete(Resources.CONFIG_MAPS, "default", "a");
        store.create(Resources.CONFIG_MAPS, object);
    }

    @Test
    void keysOfTextAndOfBinaryDataDifferAndBinaryDataIsBase64() {
        ObjectNode twice = named("a");
        twice.putObject("data").put("k", "v");
        twice.putObject("binaryData").put("k", "AAAA");
        assertThatThrownBy(() -> store.create(Resources.CONFIG_MAPS, twice))
                .hasMessageContaining("duplicate of key present in binaryData");
        ObjectNode broken = named("b");
        broken.putObject("binaryData").put("k", "A");
        assertThatThrownBy(() -> store.create(Resources.CONFIG_MAPS, broken))
                .hasMessageContaining("illegal base64 data");
    }

    /** A watcher that is behind starts anew, and the memory is for what is there. */
    @Test
    void largeObjectsOfBeforeAreForgotten() throws Exception {
        ObjectNode object = named("a");
        object.putObject("data").put("k", "x".repeat(900_000));
        long first =
                Long.parseLong(Meta.resourceVersion(store.create(Resources.CONFIG_MAPS, object)));
        for (int i = 0; i < 12; i++) {
            store.delete(Resources.CONFIG_MAPS, "default", "a");
            store.create(Resources.CONFIG_MAPS, object);
        }

        assertThatThrownBy(() -> store.changesAfter(Resources.CONFIG_MAPS, first, 0))
                .hasMessageContaining("too old resource version");
    }

    /** Five letters of 27: among so many, a few names meet but for one time in fifty. */
    @Test
    void generatedNamesAreGeneratedAgainWhereTheyAreTaken() {
        for (int i = 0; i < 10_000; i++) {
            store.create(Resources.CONFIG_MAPS, json("{'metadata':{'generateName':'x-'}}"));
        }
        assertThat(store.list(Resources.CONFIG_MAPS, "default"))
                .hasSizeGreaterThanOrEqualTo(10_000);
    }

    @Test
    void anUpdateThatChangesNothingKeepsItsVersion() {
        ObjectNode first = store.create(Resources.CONFIG_MAPS, named("a"));
        assertThat(store.update(Resources.CONFIG_MAPS, first)).isEqualTo(first);
    }

    @Test
    void statusAndSpecAreWrittenApart() {
        ObjectNode node = store.create(Resources.NODES, json("{'metadata':{'name':'n'}}"));
        node.withObject("/status").put("phase", "x");
        node.withObject("/spec").put("podCIDR", "10.0.0.0/24");
        assertThat(store.update(Resources.NODES, node).has("status")).isFalse();
        node.put("spec", "gone");
        Meta.of(node).remove("resourceVersion");
        ObjectNode written = store.updateStatus(Resources.NODES, node);
        assertThat(written.at("/status/phase").asString()).isEqualTo("x");
        assertThat(written.at("/spec/podCIDR").asString()).isEqualTo("10.0.0.0/24");
    }

    @Test
    void aWatchTellsWhatThereIsAndThenWhatHappens() throws Exception {
        store.create(Resources.CONFIG_MAPS, named("a"));
        BlockingQueue<WatchEvent> events = new LinkedBlockingQueue<>();
        AutoCloseable watch = store.watch(Resources.CONFIG_MAPS, events::add);
        assertThat(next(events)).isEqualTo("ADDED a");
        store.create(Resources.CONFIG_MAPS, named("b"));
        store.delete(Resources.CONFIG_MAPS, "default", "a");
        assertThat(next(events)).isEqualTo("ADDED b");
        assertThat(next(events)).isEqualTo("DELETED a");
        watch.close();
    }

    private static String next(BlockingQueue<WatchEvent> events) throws InterruptedException {
        WatchEvent event = events.poll(5, TimeUnit.SECONDS);
        assertThat(event).isNotNull();
        return event.kind() + " " + Meta.name(event.object());
    }

    @Test
    void forgottenChangesAreExpired() {
        long version = store.version();
        ObjectNode object = store.create(Resources.CONFIG_MAPS, named("a"));
        for (int i = 0; i < Shelf.HISTORY + 1; i++) {
            object.withObject("/data").put("i", Integer.toString(i));
            object = store.update(Resources.CONFIG_MAPS, object);
        }
        assertThatThrownBy(() -> store.changesAfter(Resources.CONFIG_MAPS, version, 0))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.status().code()).isEqualTo(410));
    }

    @Test
    void whatIsOwnedGoesWithItsLastOwner() {
        ObjectNode owner = store.create(Resources.CONFIG_MAPS, named("owner"));
        store.create(Resources.CONFIG_MAPS, owned("child", owner));
        store.delete(Resources.CONFIG_MAPS, "default", "owner");
        assertThat(store.get(Resources.CONFIG_MAPS, "default", "child")).isEmpty();
        store.create(Resources.CONFIG_MAPS, owned("late", owner));
        assertThat(store.get(Resources.CONFIG_MAPS, "default", "late")).isEmpty();
    }

    @Test
    void orphansStay() {
        ObjectNode owner = store.create(Resources.CONFIG_MAPS, named("owner"));
        store.create(Resources.CONFIG_MAPS, owned("child", owner));
        store.delete(
                Resources.CONFIG_MAPS,
                "default",
                "owner",
                new DeleteOptions(null, DeleteOptions.Propagation.ORPHAN, "", "", Write.STORED));
        assertThat(Meta.owners(store.get(Resources.CONFIG_MAPS, "default", "child").orElseThrow()))
                .isEmpty();
    }

    @Test
    void finalizersHoldAnObject() {
        ObjectNode object = named("held");
        Meta.finalizers(object, List.of("example.com/hold"));
        store.create(Resources.CONFIG_MAPS, object);
        store.delete(Resources.CONFIG_MAPS, "default", "held");
        ObjectNode held = store.get(Resources.CONFIG_MAPS, "default", "held").orElseThrow();
        assertThat(Meta.isBeingDeleted(held)).isTrue();
        Meta.of(held).remove("finalizers");
        store.update(Resources.CONFIG_MAPS, held);
        assertThat(store.get(Resources.CONFIG_MAPS, "default", "held")).isEmpty();
    }

    @Test
    void aPodOnANodeEndsInTwoSteps() {
        ObjectNode pod =
                json(
                        "{'metadata':{'name':'p'},'spec':{'nodeName':'n','containers':"
                                + "[{'name':'c','image':'i'}]}}");
        store.create(Resources.PODS, pod);
        store.delete(Resources.PODS, "default", "p");
        assertThat(
                        store.get(Resources.PODS, "default", "p")
                                .orElseThrow()
                                .at("/metadata/deletionGracePeriodSeconds")
                                .asInt())
                .isEqualTo(30);
        store.delete(Resources.PODS, "default", "p");
        assertThat(store.get(Resources.PODS, "default", "p")).isEmpty();
    }

    @Test
    void aNamespaceEndsWithItsLastObject() {
        store.create(Resources.NAMESPACES, json("{'metadata':{'name':'team'}}"));
        store.create(
                Resources.PODS,
                json(
                        "{'metadata':{'name':'p','namespace':'team'},'spec':{'nodeName':'n',"
                                + "'containers':[{'name':'c','image':'i'}]}}"));
        store.create(Resources.SECRETS, json("{'metadata':{'name':'s','namespace':'team'}}"));
        store.delete(Resources.NAMESPACES, "", "team");
        assertThat(store.list(Resources.SECRETS, "team")).isEmpty();
        assertThat(
                        store.get(Resources.NAMESPACES, "", "team")
                                .orElseThrow()
                                .at("/status/phase")
                                .asString())
                .isEqualTo("Terminating");
        assertThatThrownBy(
                        () ->
                                store.create(
                                        Resources.SECRETS,
                                        json("{'metadata':{'name':'t','namespace':'team'}}")))
                .hasMessageContaining("because it is being terminated");
        store.delete(Resources.PODS, "team", "p", DeleteOptions.atOnce());
        assertThat(store.get(Resources.NAMESPACES, "", "team")).isEmpty();
    }

    @Test
    void servicesGetAddresses() {
        ObjectNode service =
                store.create(
                        Resources.SERVICES,
                        json(
                                "{'metadata':{'name':'s'},'spec':{'type':'NodePort',"
                                        + "'ipFamilyPolicy':'PreferDualStack',"
                                        + "'ports':[{'port':80}]}}"));
        assertThat(service.at("/spec/clusterIPs/0").asString()).startsWith("10.96.");
        assertThat(service.at("/spec/clusterIPs/1").asString()).startsWith("fd00:10:96::");
        assertThat(service.at("/spec/ports/0/nodePort").asInt()).isEqualTo(30_000);
        assertThat(service.at("/spec/ports/0/targetPort").asInt()).isEqualTo(80);
        ObjectNode outside =
                json(
                        "{'metadata':{'name':'o'},'spec':{'clusterIP':'1.1.1.1','ports':[{'port':1}]}}");
        assertThatThrownBy(() -> store.create(Resources.SERVICES, outside, Write.DRY_RUN))
                .hasMessageContaining("The range of valid IPs is 10.96.0.0/16");
    }
}
