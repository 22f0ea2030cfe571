package tp.benchmarks;

import java.util.List;

/** A finding as a terminal shows it well, and a README too. */
final class Markdown {

    private Markdown() {}

    static String of(Finding finding) {
        StringBuilder text = new StringBuilder();
        text.append("### ").append(finding.id()).append("\n\n");
        text.append(finding.about()).append("\n\n");
        append(text, finding.table());
        text.append('\n');
        for (Finding.Goal goal : finding.goals()) {
            text.append("* ")
                    .append(goal.met() ? "met" : "MISSED")
                    .append(": ")
                    .append(goal.text())
                    .append(" (")
                    .append(goal.figures())
                    .append(")\n");
        }
        return text.toString();
    }

    private static void append(StringBuilder text, Finding.Table table) {
        int[] widths = table.header().stream().mapToInt(String::length).toArray();
        for (List<String> row : table.rows()) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        append(text, table.header(), widths);
        text.append('|');
        for (int width : widths) {
            text.append("-".repeat(width + 2)).append('|');
        }
        text.append('\n');
        table.rows().forEach(row -> append(text, row, widths));
    }

    private static void append(StringBuilder text, List<String> cells, int[] widths) {
        text.append('|');
        for (int i = 0; i < widths.length; i++) {
            text.append(' ').append(cells.get(i));
            text.append(" ".repeat(widths[i] - cells.get(i).length())).append(" |");
        }
        text.append('\n');
    }
}
