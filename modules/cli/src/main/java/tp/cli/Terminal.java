package tp.cli;

import java.io.PrintStream;

/**
 * Where a command's words go.
 *
 * @param out what was asked for
 * @param err what went wrong
 */
record Terminal(PrintStream out, PrintStream err) {}
