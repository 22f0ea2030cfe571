package tp.cli;

import java.io.StringWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** A document as JSON on one line. */
final class JsonText {

    private final JsonGenerator json;

    private JsonText(JsonGenerator json) {
        this.json = json;
    }

    static String of(Document document) {
        StringWriter text = new StringWriter();
        JsonFactory factory = JsonFactory.builder().build();
        try (JsonGenerator json = factory.createGenerator(ObjectWriteContext.empty(), text)) {
            new JsonText(json).write(document);
        }
        return text.append('\n').toString();
    }

    private void write(@Nullable Object value) {
        switch (value) {
            case null -> json.writeNull();
            case String text -> json.writeString(text);
            case Boolean truth -> json.writeBoolean(truth);
            case Double number -> json.writeNumber(number);
            case Number number -> json.writeNumber(number.longValue());
            case List<?> list -> {
                json.writeStartArray();
                list.forEach(this::write);
                json.writeEndArray();
            }
            case Document document -> {
                json.writeStartObject();
                document.entries()
                        .forEach(
                                (key, inner) -> {
                                    json.writeName(key);
                                    write(inner);
                                });
                json.writeEndObject();
            }
            default -> throw new IllegalArgumentException(value.getClass().getName());
        }
    }
}
