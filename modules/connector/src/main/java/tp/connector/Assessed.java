package tp.connector;

import tp.spi.common.Assessment;
import tp.spi.common.Provider;

/** A provider and what it says of its chances here. */
public record Assessed<P extends Provider>(Found<P> found, Assessment assessment) {

    /** {@return the order in which to try: higher first, below zero never} */
    int rank() {
        return switch (assessment) {
            case Assessment.Usable usable -> usable.score() + 1;
            case Assessment.Unknown unknown -> 0;
            case Assessment.Unusable unusable -> -1;
        };
    }

    /** {@return one word} */
    public String verdict() {
        return switch (assessment) {
            case Assessment.Usable usable -> "usable";
            case Assessment.Unknown unknown -> "unknown";
            case Assessment.Unusable unusable -> "unusable";
        };
    }
}
