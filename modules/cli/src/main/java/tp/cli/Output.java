package tp.cli;

import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** The form of an answer: for people, or one of two for programs. */
final class Output {

    /** The names of the forms, as they are typed. */
    enum Form {
        text,
        json,
        yaml
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            description = "${COMPLETION-CANDIDATES}; the keys are described in docs/status.md.")
    private Form form = Form.text;

    /** {@return the answer in the form that is wanted, with its line ends} */
    String render(Supplier<String> forPeople, Supplier<Document> forPrograms) {
        return switch (form) {
            case text -> forPeople.get();
            case json -> JsonText.of(forPrograms.get());
            case yaml -> YamlText.of(forPrograms.get());
        };
    }
}
