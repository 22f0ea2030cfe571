package tp.connector;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import tp.spi.common.Assessment;
import tp.spi.common.Provider;
import tp.spi.common.TpException;

/**
 * One extension point and the providers found for it.
 *
 * @param name as in the flag that chooses among them
 */
public record Point<P extends Provider>(String name, List<Found<P>> found, List<Broken> broken) {

    /** Twice what a provider is granted by the contract of its extension point. */
    private static final long ASSESS_TIMEOUT_MS = 2_000;

    private static final Comparator<Found<?>> ORDER =
            Comparator.<Found<?>, String>comparing(one -> one.id()).thenComparing(Found::module);

    public Point {
        found = found.stream().sorted(ORDER).toList();
        broken = List.copyOf(broken);
    }

    /** {@return every provider with its verdict, in the order of their ids} */
    public List<Assessed<P>> assess(Function<P, Assessment> question) {
        List<Assessed<P>> all = new ArrayList<>();
        for (Found<P> one : found) {
            all.add(new Assessed<>(one, ask(one, question)));
        }
        return all;
    }

    /**
     * {@return the providers to try, best first, never none}
     *
     * @param named the id that the user gave; then no other is tried
     * @throws TpException where there is no such provider, or none can be used here
     */
    public List<Assessed<P>> choose(Optional<String> named, Function<P, Assessment> question) {
        refuseDuplicates();
        if (named.isPresent()) {
            Found<P> one = byId(named.get());
            Assessed<P> assessed = new Assessed<>(one, ask(one, question));
            if (assessed.rank() < 0) {
                throw TpException.environment(
                        name + " " + one.id() + " cannot be used here: " + reason(assessed),
                        "leave out --" + name + ", or give another: " + known());
            }
            return List.of(assessed);
        }
        List<Assessed<P>> all = assess(question);
        List<Assessed<P>> possible =
                all.stream()
                        .filter(one -> one.rank() >= 0)
                        .sorted(Comparator.comparingInt((Assessed<P> one) -> -one.rank()))
                        .toList();
        if (possible.isEmpty()) {
            String reasons =
                    all.stream()
                            .map(one -> one.found().id() + ": " + reason(one))
                            .collect(Collectors.joining(", "));
            throw TpException.environment(
                    "no " + name + " can be used here (" + reasons + ")", "see `tp plugins`");
        }
        return possible;
    }

    /**
     * @throws TpException where no provider has that id, without asking any
     */
    public void requireKnown(Optional<String> named) {
        named.ifPresent(this::byId);
    }

    private static String reason(Assessed<?> one) {
        return one.assessment().reason();
    }

    private Found<P> byId(String id) {
        return found.stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow(
                        () ->
                                TpException.usage(
                                        "no " + name + " is called " + id + brokenOnes(),
                                        "known are: " + known()));
    }

    private String brokenOnes() {
        return broken.isEmpty()
                ? ""
                : broken.stream()
                        .map(one -> one.source() + ": " + one.reason())
                        .collect(Collectors.joining(", ", " (broken: ", ")"));
    }

    private String known() {
        return found.stream().map(Found::id).collect(Collectors.joining(", "));
    }

    private void refuseDuplicates() {
        Map<String, Found<P>> byId = new HashMap<>();
        for (Found<P> one : found) {
            Found<P> other = byId.putIfAbsent(one.id(), one);
            if (other != null) {
                throw TpException.environment(
                        "two %s providers are called %s: modules %s and %s"
                                .formatted(name, one.id(), other.module(), one.module()),
                        "remove one of them from the plug-in folder");
            }
        }
    }

    /** A provider is somebody else's code: it may throw, or never return. */
    private static <P extends Provider> Assessment ask(
            Found<P> one, Function<P, Assessment> question) {
        FutureTask<Assessment> answer = new FutureTask<>(() -> question.apply(one.provider()));
        Thread.ofVirtual().name("assess " + one.id()).start(answer);
        try {
            return answer.get(ASSESS_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            return new Assessment.Unusable("broken: " + e.getCause());
        } catch (TimeoutException e) {
            answer.cancel(true);
            return new Assessment.Unusable("it did not say within " + ASSESS_TIMEOUT_MS + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Assessment.Unusable("interrupted");
        }
    }
}
