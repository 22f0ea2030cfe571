package tp.benchmarks;

import java.io.IOException;

/** One question about the transports, and how it is answered. */
interface Scenario {

    String id();

    Finding run(Bench bench) throws IOException, InterruptedException;
}
