package tp.dist;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.TextParseException;
import tp.dist.NamesTable.Question;

/**
 * Programs that each find names in a way of their own, and how to read what they say. What they say
 * is data in order, or a status; where nothing but "not found" can be told from it, nothing.
 */
final class NameAskers {

    /** Between the answers of two questions: who is asked what. */
    private static final String MARK = "--- ";

    /** Over UDP and over TCP. */
    static final List<String> DIG = List.of("+notcp", "+tcp");

    private static final Pattern DIG_STATUS =
            Pattern.compile(";; ->>HEADER<<-.* status: (\\w+),.*");
    private static final Pattern DIG_QUESTION = Pattern.compile(";(\\S+)\\s+IN\\s+\\S+");
    private static final Pattern DIG_RECORD =
            Pattern.compile("([^;\\s]\\S*)\\s+\\d+\\s+IN\\s+(\\S+)\\s+(.*)");
    private static final Pattern STATIC_DATA =
            Pattern.compile(
                    "Address: (.*)|\\S+\\s(?:name|text|service|mail exchanger|canonical name) ="
                            + " (.*)");
    private static final Pattern STATIC_STATUS =
            Pattern.compile("\\*\\* server can't find .*: (\\w+)");

    private final Map<String, List<String>> sections = new HashMap<>();

    /** {@return a script in which all ask everything} */
    static String script(List<Question> questions) {
        return """
        echo '--- status'; tp status -o json
        cat >$T/questions <<'END'
        %s
        END
        for how in %s; do
            echo "--- dig $how"; dig $how +noall +comments +question +answer -f $T/questions
        done
        name() {
            echo "--- ahosts $1"; getent ahosts $1; echo "--- hosts $1"; getent hosts $1
            echo "--- static $1"; busybox nslookup $1 2>&1
        }
        record() { echo "--- static $1 $2"; busybox nslookup -type=$2 $1 2>&1; }
        http() {
            echo "--- curl $1 $2"; curl -s -m 10 -o /dev/null -w '%%{http_code}\\n%%{remote_ip}\\n' $1:$2
            echo "--- wget $1 $2"; timeout 10 busybox wget -q -O /dev/null http://$1:$2/ && echo 200
        }
        %s
        $NAME_PROBE %s
        """
                .formatted(
                        questions.stream()
                                .filter(Question::isDns)
                                .map(NameAskers::digLine)
                                .collect(joining("\n")),
                        String.join(" ", DIG),
                        questions.stream()
                                .flatMap(NameAskers::shellLine)
                                .distinct()
                                .collect(joining("\n")),
                        questions.stream()
                                .flatMap(NameAskers::looked)
                                .distinct()
                                .collect(joining(" ")));
    }

    private static String digLine(Question question) {
        String search = question.name().contains(".") ? "" : "+search ";
        return search + question.name() + " " + question.type();
    }

    private static Stream<String> shellLine(Question question) {
        return switch (question.type()) {
            case "A", "AAAA", "PTR", "addresses" -> looked(question).map(name -> "name " + name);
            case "HINFO" -> Stream.of();
            default -> Stream.of(otherLine(question));
        };
    }

    private static String otherLine(Question question) {
        String type = question.type();
        return question.isHttp()
                ? "http " + question.name() + " " + type.replace("http:", "")
                : "record " + question.name() + " " + type.toLowerCase(Locale.ROOT);
    }

    /** {@return what a program that knows names and addresses only is asked for} */
    static Stream<String> looked(Question question) {
        return switch (question.type()) {
            case "A", "AAAA", "addresses" -> Stream.of(question.name());
            case "PTR" -> Stream.of(address(question.name()));
            default -> Stream.of();
        };
    }

    private static String address(String reverseName) {
        try {
            return ReverseMap.fromName(reverseName + ".").getHostAddress();
        } catch (UnknownHostException | TextParseException e) {
            throw new IllegalArgumentException(reverseName, e);
        }
    }

    /**
     * @param printed by the script
     */
    NameAskers(String printed) {
        List<String> section = new ArrayList<>();
        for (String line : printed.lines().toList()) {
            if (line.startsWith(MARK)) {
                section = new ArrayList<>();
                sections.put(line.substring(MARK.length()), section);
            } else if (!line.isBlank()) {
                section.add(line);
            }
        }
    }

    private List<String> section(String who, String what) {
        return sections.getOrDefault(who + " " + what, List.of());
    }

    /** {@return what dig said to each question} */
    Map<Question, List<String>> dig(String how, List<Question> asked) {
        List<List<String>> said = new ArrayList<>();
        for (String line : section("dig", how)) {
            if (DIG_STATUS.matcher(line).matches()) {
                said.add(new ArrayList<>());
            }
            if (!said.isEmpty()) {
                said.getLast().add(line);
            }
        }
        assertThat(said).as("dig %s: %s", how, section("dig", how)).hasSameSizeAs(asked);
        Map<Question, List<String>> all = new LinkedHashMap<>();
        for (int i = 0; i < said.size(); i++) {
            all.put(asked.get(i), digAnswer(said.get(i), asked.get(i)));
        }
        return all;
    }

    private static List<String> digAnswer(List<String> lines, Question asked) {
        Matcher status = DIG_STATUS.matcher(lines.getFirst());
        assertThat(status.matches()).isTrue();
        List<String> records = new ArrayList<>();
        String owner = owner(lines);
        assertThat(owner.toLowerCase(Locale.ROOT))
                .as("%s", lines)
                .startsWith(asked.name().toLowerCase(Locale.ROOT));
        for (String line : lines) {
            Matcher record = DIG_RECORD.matcher(line);
            if (record.matches()) {
                assertThat(record.group(1)).as("owner of %s", line).isEqualTo(owner);
                boolean alias = record.group(2).equals("CNAME") && !asked.type().equals("CNAME");
                records.add(
                        alias
                                ? "CNAME " + record.group(3)
                                : NamedObjects.canonical(record.group(3)));
                owner = alias ? record.group(3) : owner;
            }
        }
        if (!status.group(1).equals("NOERROR")) {
            records.add(status.group(1));
        }
        return records.isEmpty() ? List.of("NODATA") : records.stream().sorted().toList();
    }

    /** {@return the name that was asked for in the end, as dig writes it} */
    private static String owner(List<String> lines) {
        return lines.stream()
                .map(DIG_QUESTION::matcher)
                .filter(Matcher::matches)
                .map(question -> question.group(1))
                .findFirst()
                .orElseThrow(() -> new AssertionError(lines));
    }

    /** {@return the addresses that all functions of the C library can give} */
    List<String> ahosts(String name) {
        return NamedObjects.addresses(firstWords(section("ahosts", name)));
    }

    /** {@return the addresses of a name, of one version only, or the names of an address} */
    List<String> hosts(String looked) {
        List<String> lines = section("hosts", looked);
        return NamedObjects.isAddress(looked)
                ? lines.stream().map(line -> line.split(" +", -1)[1]).toList()
                : NamedObjects.addresses(firstWords(lines));
    }

    private static List<String> firstWords(List<String> lines) {
        return lines.stream().map(line -> line.split(" ", -1)[0]).toList();
    }

    /** {@return addresses of a name, or the name of an address} */
    List<String> jvm(String looked) {
        List<String> lines =
                section("jvm", looked).stream().map(NamedObjects::canonical).sorted().toList();
        return lines.equals(List.of(NamedObjects.canonical(looked))) ? List.of() : lines;
    }

    /** {@return addresses of a name, the name of an address, or a status} */
    List<String> staticAddresses(String looked) {
        List<String> said = staticAnswer(section("static", looked));
        List<String> addresses = NamedObjects.addresses(said);
        return addresses.isEmpty() ? said : addresses;
    }

    /** {@return data without a dot at the end, or a status} */
    List<String> staticRecords(Question question) {
        return staticAnswer(
                section(
                        "static",
                        question.name() + " " + question.type().toLowerCase(Locale.ROOT)));
    }

    private static List<String> staticAnswer(List<String> lines) {
        List<String> data = new ArrayList<>();
        List<String> statuses = new ArrayList<>();
        // The first two say which server is asked.
        for (String line : lines.stream().skip(2).toList()) {
            Matcher one = STATIC_DATA.matcher(line);
            Matcher status = STATIC_STATUS.matcher(line);
            if (one.matches()) {
                data.add(one.group(1) == null ? one.group(2) : one.group(1));
            } else if (status.matches()) {
                statuses.add(status.group(1));
            }
        }
        List<String> said = data.isEmpty() ? statuses : data;
        return said.isEmpty() ? List.of("NODATA") : said.stream().distinct().sorted().toList();
    }

    /** {@return the status of the answer, and the address of who gave it} */
    List<String> curl(Question question) {
        return section("curl", http(question));
    }

    /** {@return the status of the answer, or nothing} */
    List<String> wget(Question question) {
        return section("wget", http(question)).stream().filter("200"::equals).toList();
    }

    private static String http(Question question) {
        return question.name() + " " + question.type().replace("http:", "");
    }

    /** {@return the report of {@code tp status}} */
    String status() {
        return String.join("", sections.getOrDefault("status", List.of()));
    }
}
