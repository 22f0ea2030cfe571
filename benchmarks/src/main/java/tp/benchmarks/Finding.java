package tp.benchmarks;

import java.util.List;

/**
 * What a scenario found.
 *
 * @param about what was done, in a sentence
 * @param table for people
 * @param goals what was to be shown
 * @param runs every figure of every run, as records
 */
record Finding(
        String id, String about, Table table, List<Goal> goals, List<? extends Record> runs) {

    /** Rows of texts below a header. */
    record Table(List<String> header, List<List<String>> rows) {}

    /**
     * @param figures by which it is met or missed
     */
    record Goal(String text, boolean met, String figures) {}

    boolean met() {
        return goals.stream().allMatch(Goal::met);
    }
}
