package tp.transport.grpc;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a stranger sent, where people read it: a few printable characters. */
final class Words {

    private static final int MAX_CHARS = 120;

    private Words() {}

    static String of(@Nullable CharSequence text) {
        String line = Objects.toString(text, "").replaceAll("[^\\x20-\\x7e]+", " ").strip();
        return line.length() <= MAX_CHARS ? line : line.substring(0, MAX_CHARS) + "...";
    }
}
