package tp.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import tp.testkit.load.Spread;

/** Figures over runs, as text. */
final class Figures {

    private Figures() {}

    static <T> Spread over(List<T> runs, ToDoubleFunction<T> figure) {
        return Spread.of(runs.stream().map(figure::applyAsDouble).toList());
    }

    /** {@code 41 (40-52)}, with as many digits after the point. */
    static String text(Spread spread, int digits) {
        return String.format(
                Locale.ROOT,
                "%." + digits + "f (%." + digits + "f-%." + digits + "f)",
                spread.median(),
                spread.min(),
                spread.max());
    }
}
