package tp.dist;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tp.dist.NamesTable.Place;
import tp.dist.NamesTable.Question;

/** Compares what everybody said at one place with the table. */
final class NamesJudge {

    private static final List<String> NOTHING = List.of();

    private final NamesTable table;
    private final NamedObjects objects;
    private final Place place;
    private final NameAskers askers;
    private final List<String> wrong = new ArrayList<>();

    /** What is right, by the question as it is written in the table. */
    private final Map<Question, List<String>> right = new LinkedHashMap<>();

    NamesJudge(NamesTable table, NamedObjects objects, Place place, NameAskers askers) {
        this.table = table;
        this.objects = objects;
        this.place = place;
        this.askers = askers;
    }

    /** {@return a line for each answer that is not the table's} */
    List<String> wrong() {
        List<Question> all = table.questions();
        List<Question> dns = all.stream().filter(Question::isDns).toList();
        List<Question> sent = dns.stream().map(this::sent).toList();
        for (String how : NameAskers.DIG) {
            Map<Question, List<String>> said = askers.dig(how, sent);
            dns.forEach(one -> check("dig", one, said.get(sent(one)), right(one, said)));
        }
        all.stream().filter(Question::isHttp).forEach(this::judgeHttp);
        all.stream()
                .filter(one -> one.isOfAddresses() || one.type().equals("addresses"))
                .map(Question::name)
                .distinct()
                .forEach(this::judgeAddresses);
        dns.stream().filter(one -> one.type().equals("PTR")).forEach(this::judgeReverse);
        dns.stream().filter(Question::isForRecords).forEach(this::judgeRecord);
        return wrong;
    }

    private Question sent(Question written) {
        return new Question(objects.name(written.name()), written.type());
    }

    private List<String> right(Question written, Map<Question, List<String>> said) {
        return right.computeIfAbsent(
                written,
                one ->
                        objects.answer(
                                table.expected(one, place).answer(),
                                one.type(),
                                said.getOrDefault(sent(one), NOTHING)));
    }

    private void check(String who, Question written, List<String> said, List<String> expected) {
        if (!said.equals(expected) && !table.expected(written, place).unable().contains(who)) {
            wrong.add(
                    "%s, %s, %s %s: %s says %s, right is %s"
                            .formatted(
                                    place.strategy(),
                                    place.scope(),
                                    written.name(),
                                    written.type(),
                                    who,
                                    said,
                                    expected));
        }
    }

    /** Who looks for addresses asks for all, and many do not say why they have none. */
    private void judgeAddresses(String name) {
        List<Question> parts =
                Stream.of("addresses", "A", "AAAA")
                        .map(type -> new Question(name, type))
                        .filter(table::has)
                        .toList();
        boolean ownRow = parts.getFirst().type().equals("addresses");
        Question row = parts.getFirst();
        List<String> records =
                (ownRow ? Stream.of(row) : parts.stream())
                        .flatMap(one -> right(one, Map.of()).stream())
                        .toList();
        List<String> addresses = NamedObjects.addresses(records);
        String sent = objects.name(name);
        check("getent", row, askers.ahosts(sent), addresses);
        check("getent", row, askers.hosts(sent), oneVersion(addresses));
        check("jvm", row, askers.jvm(sent), addresses);
        if (!ownRow) {
            check("static", row, askers.staticAddresses(sent), orStatus(addresses, records));
        }
    }

    /** As {@code getent hosts} does: IPv6 if there is any. */
    private static List<String> oneVersion(List<String> addresses) {
        List<String> six = addresses.stream().filter(one -> one.contains(":")).toList();
        return six.isEmpty() ? addresses : six;
    }

    /** NODATA beside another status is not to be seen. */
    private static List<String> orStatus(List<String> addresses, List<String> records) {
        List<String> statuses =
                records.stream().filter(one -> !one.equals("NODATA")).distinct().sorted().toList();
        return !addresses.isEmpty() ? addresses : statuses.isEmpty() ? List.of("NODATA") : statuses;
    }

    private void judgeReverse(Question written) {
        List<String> expected = right(written, Map.of());
        List<String> names = expected.stream().filter(one -> one.endsWith(".")).toList();
        String looked = NameAskers.looked(sent(written)).findFirst().orElseThrow();
        check("getent", written, askers.hosts(looked), withoutDots(names));
        check("jvm", written, askers.jvm(looked), withoutDots(names));
        check("static", written, askers.staticAddresses(looked), withoutDots(expected));
    }

    private void judgeRecord(Question written) {
        List<String> said = askers.staticRecords(sent(written));
        check("static", written, said, withoutDots(right(written, Map.of())));
    }

    private static List<String> withoutDots(List<String> names) {
        return names.stream().map(name -> name.replaceFirst("\\.$", "")).toList();
    }

    /** An answer, and from an address that the name has. */
    private void judgeHttp(Question written) {
        String answer = table.expected(written, place).answer();
        boolean nobody = answer.equals("nobody");
        Question sent = sent(written);
        List<String> curl = askers.curl(sent);
        check("curl", written, curl.stream().limit(1).toList(), List.of(nobody ? "000" : answer));
        check("wget", written, askers.wget(sent), nobody ? NOTHING : List.of(answer));
        List<String> known =
                Stream.of("A", "AAAA")
                        .map(type -> new Question(written.name(), type))
                        .flatMap(one -> right(one, Map.of()).stream())
                        .toList();
        List<String> reached = NamedObjects.addresses(curl);
        check("curl", written, reached, reached.stream().filter(known::contains).toList());
        if (!nobody && reached.isEmpty()) {
            wrong.add(place + " " + written + ": curl reached no address");
        }
    }
}
