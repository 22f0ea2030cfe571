package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** The rows of {@code names.txt}, which says what they mean. */
final class NamesTable {

    private static final String ALL = "*";
    private static final int COLUMNS = 6;

    /** A name as it is written in the table, or as somebody asks for it. */
    record Question(String name, String type) {
        boolean isHttp() {
            return type.startsWith("http:");
        }

        /** Whether it can be put to a DNS server as it is. */
        boolean isDns() {
            return !isHttp() && !type.equals("addresses");
        }

        boolean isOfAddresses() {
            return type.equals("A") || type.equals("AAAA");
        }

        /** Whether only programs that know types can ask it. */
        boolean isForRecords() {
            return isDns() && !isOfAddresses() && !type.equals("PTR") && !type.equals("HINFO");
        }
    }

    /**
     * How tp is connected.
     *
     * @param strategy how the host is made to ask tp
     */
    record Place(String scope, String strategy) {}

    private record Row(
            List<String> names,
            List<String> types,
            List<String> scopes,
            List<String> strategies,
            Expected expected) {

        static Row parse(String line) {
            List<String> columns = Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
            assertThat(columns).as(line).hasSize(COLUMNS);
            return new Row(
                    words(columns.get(0)),
                    words(columns.get(1)),
                    words(columns.get(2)),
                    words(columns.get(3)),
                    new Expected(columns.get(4), words(columns.get(5).replaceFirst(":.*", ""))));
        }

        private static List<String> words(String text) {
            return text.isEmpty() ? List.of() : List.of(text.split(" +"));
        }

        boolean asks(Question question) {
            return names.contains(question.name) && types.contains(question.type);
        }

        boolean holds(Place place) {
            return is(scopes, place.scope) && is(strategies, place.strategy);
        }

        private static boolean is(List<String> words, String word) {
            return words.contains(ALL) || words.contains(word);
        }
    }

    /**
     * One right answer.
     *
     * @param answer as it is written in the table
     * @param unable who cannot say it
     */
    record Expected(String answer, List<String> unable) {}

    private final List<Row> rows;

    private NamesTable(List<Row> rows) {
        this.rows = rows;
    }

    static NamesTable read() throws IOException {
        return new NamesTable(
                resource("names.txt")
                        .lines()
                        .filter(line -> !line.isBlank() && !line.startsWith("#"))
                        .map(Row::parse)
                        .toList());
    }

    static String resource(String name) throws IOException {
        try (InputStream in = NamesTable.class.getResourceAsStream(name)) {
            return new String(
                    Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** {@return the same without those names} */
    NamesTable without(Set<String> names) {
        return new NamesTable(
                rows.stream()
                        .map(
                                row ->
                                        new Row(
                                                row.names.stream()
                                                        .filter(name -> !names.contains(name))
                                                        .toList(),
                                                row.types,
                                                row.scopes,
                                                row.strategies,
                                                row.expected))
                        .toList());
    }

    /** {@return all that is asked, each once} */
    List<Question> questions() {
        List<Question> all = new ArrayList<>();
        for (Row row : rows) {
            for (String name : row.names) {
                row.types.forEach(type -> all.add(new Question(name, type)));
            }
        }
        return all.stream().distinct().toList();
    }

    boolean has(Question question) {
        return rows.stream().anyMatch(row -> row.asks(question));
    }

    /** {@return the one answer that is right there; a table that says none, or two, is wrong} */
    Expected expected(Question question, Place place) {
        List<Expected> found =
                rows.stream()
                        .filter(row -> row.asks(question) && row.holds(place))
                        .map(Row::expected)
                        .toList();
        assertThat(found).as("%s at %s", question, place).hasSize(1);
        return found.getFirst();
    }
}
