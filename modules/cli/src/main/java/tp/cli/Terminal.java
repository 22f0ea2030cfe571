package tp.cli;

import java.io.PrintStream;
import java.util.Map;

/**
 * Where a command's words go.
 *
 * @param out what was asked for
 * @param err what went wrong
 */
record Terminal(StandardOutput out, PrintStream err, Look outLook, Look errLook) {

    static Terminal of(Map<String, String> environment) {
        return new Terminal(
                StandardOutput.ofProcess(),
                System.err,
                Look.of(1, environment),
                Look.of(2, environment));
    }

    void fail(String line) {
        err.println(errLook.paint(Look.Colour.BAD, "tp:") + " " + line);
    }

    void warn(String line) {
        err.println("tp: " + errLook.paint(Look.Colour.CARE, "warning:") + " " + line);
    }
}
