package tp.cli;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.StreamDataWriter;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.emitter.Emitter;
import org.snakeyaml.engine.v2.events.DocumentEndEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.ImplicitTuple;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.events.StreamEndEvent;
import org.snakeyaml.engine.v2.events.StreamStartEvent;

/** A document as YAML, which readers of YAML 1.1 and 1.2 take alike. */
final class YamlText {

    /**
     * What no reader takes for anything but text. YAML 1.1 (types bool and null) has many words for
     * true and false, {@code on} among them; those are quoted, as is what begins like a number.
     */
    private static final Pattern PLAIN =
            Pattern.compile("(?!(?i:y|n|yes|no|on|off|true|false|null)$)[A-Za-z][\\w./@ -]*");

    private static final DumpSettings SETTINGS =
            DumpSettings.builder().setSplitLines(false).setIndicatorIndent(0).build();

    private final Emitter emitter;

    private YamlText(Emitter emitter) {
        this.emitter = emitter;
    }

    static String of(Document document) {
        StringBuilder text = new StringBuilder();
        Emitter emitter = new Emitter(SETTINGS, writer(text));
        emitter.emit(new StreamStartEvent());
        emitter.emit(new DocumentStartEvent(false, Optional.empty(), Map.of()));
        new YamlText(emitter).write(document);
        emitter.emit(new DocumentEndEvent(false));
        emitter.emit(new StreamEndEvent());
        return text.toString();
    }

    private static StreamDataWriter writer(StringBuilder text) {
        return new StreamDataWriter() {
            @Override
            public void write(String part) {
                text.append(part);
            }

            @Override
            public void write(String part, int offset, int length) {
                text.append(part, offset, offset + length);
            }
        };
    }

    private void write(@Nullable Object value) {
        switch (value) {
            case String text ->
                    scalar(
                            text,
                            PLAIN.matcher(text).matches()
                                    ? ScalarStyle.PLAIN
                                    : ScalarStyle.DOUBLE_QUOTED);
            case List<?> list -> {
                emitter.emit(
                        new SequenceStartEvent(
                                Optional.empty(), Optional.empty(), true, FlowStyle.BLOCK));
                list.forEach(this::write);
                emitter.emit(new SequenceEndEvent());
            }
            case Document document -> {
                emitter.emit(
                        new MappingStartEvent(
                                Optional.empty(), Optional.empty(), true, FlowStyle.BLOCK));
                document.entries()
                        .forEach(
                                (key, inner) -> {
                                    write(key);
                                    write(inner);
                                });
                emitter.emit(new MappingEndEvent());
            }
            case null -> scalar("null", ScalarStyle.PLAIN);
            default -> scalar(value.toString(), ScalarStyle.PLAIN);
        }
    }

    private void scalar(String text, ScalarStyle style) {
        ImplicitTuple anyStyle = new ImplicitTuple(true, true);
        emitter.emit(new ScalarEvent(Optional.empty(), Optional.empty(), anyStyle, text, style));
    }
}
