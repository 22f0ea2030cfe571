package tp.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tp.control.Finding;
import tp.control.Finding.Verdict;
import tp.control.Reply;
import tp.spi.common.TpException;

/** What an examination has found so far. For one thread. */
final class Findings {

    private final List<Finding> found = new ArrayList<>();
    private final Consumer<Reply.Progress> progress;

    Findings(Consumer<Reply.Progress> progress) {
        this.progress = progress;
    }

    /** Tells the person who waits what is tried now. */
    void trying(String what) {
        progress.accept(Reply.Progress.step("Trying " + what + " ..."));
    }

    /** Said around a question on the terminal. */
    void asking(String line) {
        progress.accept(Reply.Progress.asking(line));
    }

    void works(String name, String what) {
        found.add(new Finding(name, Verdict.WORKS, what, ""));
    }

    void care(String name, String what, String nextStep) {
        found.add(new Finding(name, Verdict.CARE, what, nextStep));
    }

    void fails(String name, String what, String nextStep) {
        found.add(new Finding(name, Verdict.FAILS, what, nextStep));
    }

    void fails(String name, TpException why) {
        fails(name, String.valueOf(why.getMessage()), why.nextStep());
    }

    void skipped(String name, String why) {
        found.add(new Finding(name, Verdict.SKIPPED, why, ""));
    }

    void skipped(List<String> names, String why) {
        names.forEach(name -> skipped(name, why));
    }

    List<Finding> list() {
        return List.copyOf(found);
    }
}
