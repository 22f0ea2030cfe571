package tp.connector;

import static java.util.stream.Collectors.toList;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
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
        List<Broken> all = new ArrayList<>(broken);
        found = withoutDoubles(name, found.stream().sorted(ORDER).toList(), all);
        broken = List.copyOf(all);
    }

    /**
     * Where two have one id nobody can say which is meant: none of them is used, or the one that tp
     * came with.
     */
    private static <P extends Provider> List<Found<P>> withoutDoubles(
            String point, List<Found<P>> all, List<Broken> broken) {
        Map<String, List<Found<P>>> byId =
                all.stream().collect(Collectors.groupingBy(Found::id, TreeMap::new, toList()));
        List<Found<P>> kept = new ArrayList<>();
        for (Map.Entry<String, List<Found<P>>> entry : byId.entrySet()) {
            List<Found<P>> same = entry.getValue();
            List<Found<P>> own =
                    same.size() > 1 ? same.stream().filter(Found::builtIn).toList() : same;
            String modules = same.stream().map(Found::module).collect(Collectors.joining(" and "));
            if (own.size() == 1) {
                kept.addAll(own);
            }
            same.stream()
                    .filter(one -> !kept.contains(one))
                    .map(
                            one ->
                                    new Broken(
                                            point,
                                            one.module(),
                                            "modules %s both call theirs %s; remove one of them"
                                                    .formatted(modules, entry.getKey())))
                    .forEach(broken::add);
        }
        return kept;
    }

    /** {@return every provider with its verdict, in the order of their ids} */
    public List<Assessed<P>> assess(Function<P, Assessment> question) {
        return ask(found, question);
    }

    /** {@return the verdict of the one that was named, or of all} */
    List<Assessed<P>> asked(Optional<String> named, Function<P, Assessment> question) {
        return ask(named.map(id -> List.of(byId(id))).orElse(found), question);
    }

    /**
     * {@return the providers to try, best first, never none}
     *
     * @param named the id that the user gave; then no other is tried
     * @throws TpException where there is no such provider, or none can be used here
     */
    public List<Assessed<P>> choose(Optional<String> named, Function<P, Assessment> question) {
        return possible(named, asked(named, question));
    }

    /**
     * {@return of those that were asked the ones to try, best first, never none}
     *
     * @throws TpException where none of them can be used here
     */
    List<Assessed<P>> possible(Optional<String> named, List<Assessed<P>> asked) {
        List<Assessed<P>> possible =
                asked.stream()
                        .filter(one -> one.rank() >= 0)
                        .sorted(Comparator.comparingInt((Assessed<P> one) -> -one.rank()))
                        .toList();
        if (!possible.isEmpty()) {
            return possible;
        }
        if (named.isPresent()) {
            throw TpException.environment(
                    name + " " + named.get() + " cannot be used here: " + reason(asked.getFirst()),
                    "leave out --" + name + ", or give another: " + known());
        }
        String reasons =
                asked.stream()
                        .map(one -> one.found().id() + ": " + reason(one))
                        .collect(Collectors.joining(", "));
        throw TpException.environment(
                "no " + name + " can be used here (" + reasons + ")", "see `tp plugins`");
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

    /**
     * Providers are somebody else's code: they may throw, or never return. All are asked at once.
     */
    private static <P extends Provider> List<Assessed<P>> ask(
            List<Found<P>> all, Function<P, Assessment> question) {
        Map<Found<P>, FutureTask<Assessment>> answers = new LinkedHashMap<>();
        for (Found<P> one : all) {
            FutureTask<Assessment> answer = new FutureTask<>(() -> question.apply(one.provider()));
            answers.put(one, answer);
            Thread.ofVirtual().name("assess " + one.id()).start(answer);
        }
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ASSESS_TIMEOUT_MS);
        List<Assessed<P>> assessed = new ArrayList<>();
        answers.forEach(
                (one, answer) -> assessed.add(new Assessed<>(one, await(answer, deadline))));
        return assessed;
    }

    private static Assessment await(FutureTask<Assessment> answer, long deadlineNs) {
        try {
            long left = Math.max(0, deadlineNs - System.nanoTime());
            return Objects.requireNonNullElse(
                    answer.get(left, TimeUnit.NANOSECONDS),
                    new Assessment.Unusable("broken: it gave no verdict"));
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
