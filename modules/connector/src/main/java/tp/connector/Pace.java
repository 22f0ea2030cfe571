package tp.connector;

import java.time.Duration;

/**
 * How patient a connector is.
 *
 * @param stagger until the next way is begun beside the last
 * @param grace of a way that works, for better ones that were begun
 * @param patience for one selection
 * @param look between two looks for something better than what is in use
 * @param rest of a way that failed once; each time twice as long
 */
record Pace(Duration stagger, Duration grace, Duration patience, Duration look, Duration rest) {

    static final Pace USUAL =
            new Pace(
                    Duration.ofMillis(400),
                    Duration.ofMillis(600),
                    Duration.ofSeconds(25),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(5));
}
