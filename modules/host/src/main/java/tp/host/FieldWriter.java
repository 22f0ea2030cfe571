package tp.host;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/** Writes the fields of messages and journals, big-endian; {@link FieldReader} reads them. */
final class FieldWriter {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);

    FieldWriter number8(int value) {
        bytes.write(value);
        return this;
    }

    FieldWriter number16(int value) {
        return number8(value >>> 8).number8(value);
    }

    FieldWriter number32(int value) {
        return number16(value >>> 16).number16(value);
    }

    FieldWriter number64(long value) {
        return number32((int) (value >>> 32)).number32((int) value);
    }

    FieldWriter flag(boolean value) {
        return number8(value ? 1 : 0);
    }

    FieldWriter blob(byte[] value) {
        number32(value.length);
        bytes.writeBytes(value);
        return this;
    }

    FieldWriter text(String value) {
        return blob(value.getBytes(StandardCharsets.UTF_8));
    }

    FieldWriter constant(Enum<?> value) {
        return text(value.name());
    }

    FieldWriter address(InetAddress value) {
        byte[] raw = value.getAddress();
        number8(raw.length);
        bytes.writeBytes(raw);
        return this;
    }

    <T> FieldWriter list(List<T> values, Consumer<T> element) {
        number16(values.size());
        values.forEach(element);
        return this;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}
