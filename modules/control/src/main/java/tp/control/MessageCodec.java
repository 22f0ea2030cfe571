package tp.control;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Turns messages into bytes and back. The form of a message is that of its record: components in
 * order; strings and lists with a count in front. Nothing is read that is not announced by a type
 * of this module, and nothing is allocated beyond the length of the frame. Both ends are of one
 * version, which the first byte of a frame checks.
 */
final class MessageCodec {

    static final int MAX_FRAME_BYTES = 256 * 1024;

    /** Raised whenever a record of this module changes its form. */
    static final byte FORM = 10;

    private MessageCodec() {}

    static byte[] encode(Message message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORM);
            out.writeByte(kinds().indexOf(message.getClass()));
            writeRecord(out, message);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (bytes.size() > MAX_FRAME_BYTES) {
            throw new IllegalArgumentException(
                    message.getClass().getSimpleName() + " of " + bytes.size() + " bytes");
        }
        return bytes.toByteArray();
    }

    /**
     * @throws IOException where the bytes are no message of this version, with a line for people
     */
    static Message decode(byte[] frame) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(frame);
        try {
            byte form = in.get();
            if (form != FORM) {
                throw new IOException("the other side speaks form " + form + ", this one " + FORM);
            }
            int kind = in.get();
            List<Class<?>> kinds = kinds();
            if (kind < 0 || kind >= kinds.size()) {
                throw new IOException("unknown message " + kind);
            }
            Message message = (Message) readRecord(in, kinds.get(kind));
            if (in.hasRemaining()) {
                throw new IOException(in.remaining() + " bytes too many");
            }
            return message;
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new IOException("malformed message", e);
        }
    }

    private static List<Class<?>> kinds() {
        List<Class<?>> kinds = new ArrayList<>(List.of(Request.class.getPermittedSubclasses()));
        kinds.addAll(List.of(Reply.class.getPermittedSubclasses()));
        kinds.addAll(List.of(Task.class.getPermittedSubclasses()));
        return kinds;
    }

    private static void writeRecord(DataOutputStream out, Object value) throws IOException {
        for (RecordComponent component : value.getClass().getRecordComponents()) {
            try {
                write(out, component.getGenericType(), component.getAccessor().invoke(value));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(component.toString(), e);
            }
        }
    }

    private static void write(DataOutputStream out, Type type, Object value) throws IOException {
        switch (value) {
            case String text -> writeString(out, text);
            case Integer number -> out.writeInt(number);
            case Long number -> out.writeLong(number);
            case Boolean flag -> out.writeBoolean(flag);
            case Enum<?> constant -> writeString(out, constant.name());
            case OptionalLong number -> {
                out.writeBoolean(number.isPresent());
                out.writeLong(number.orElse(0));
            }
            case Optional<?> optional -> {
                out.writeBoolean(optional.isPresent());
                if (optional.isPresent()) {
                    write(out, argument(type), optional.get());
                }
            }
            case List<?> list -> {
                out.writeInt(list.size());
                for (Object element : list) {
                    write(out, argument(type), element);
                }
            }
            case Record nested -> writeRecord(out, nested);
            default -> throw new IllegalStateException("no form for " + type);
        }
    }

    private static void writeString(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    private static Object constant(Class<?> type, String name) throws IOException {
        for (Object constant : type.getEnumConstants()) {
            if (((Enum<?>) constant).name().equals(name)) {
                return constant;
            }
        }
        throw new IOException("unknown " + type.getSimpleName());
    }

    private static Object readRecord(ByteBuffer in, Class<?> type) throws IOException {
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            values[i] = read(in, components[i].getGenericType());
        }
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IOException("malformed " + type.getSimpleName(), e);
        }
    }

    private static Object read(ByteBuffer in, Type type) throws IOException {
        if (type instanceof ParameterizedType generic) {
            return generic.getRawType() == List.class ? readList(in, type) : readOptional(in, type);
        }
        Class<?> plain = (Class<?>) type;
        if (plain == String.class) {
            return readString(in);
        } else if (plain == int.class) {
            return in.getInt();
        } else if (plain == long.class) {
            return in.getLong();
        } else if (plain == boolean.class) {
            return in.get() != 0;
        } else if (plain == OptionalLong.class) {
            boolean present = in.get() != 0;
            long value = in.getLong();
            return present ? OptionalLong.of(value) : OptionalLong.empty();
        } else if (plain.isEnum()) {
            return constant(plain, readString(in));
        }
        return readRecord(in, plain);
    }

    private static Optional<Object> readOptional(ByteBuffer in, Type type) throws IOException {
        return in.get() == 0 ? Optional.empty() : Optional.of(read(in, argument(type)));
    }

    private static List<Object> readList(ByteBuffer in, Type type) throws IOException {
        int count = in.getInt();
        // Every element takes a byte at least, so that a list is never longer than what is left.
        if (count < 0 || count > in.remaining()) {
            throw new IOException("a list of " + count);
        }
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            list.add(read(in, argument(type)));
        }
        return list;
    }

    private static String readString(ByteBuffer in) throws IOException {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new IOException("a string of " + length);
        }
        ByteBuffer utf8 = in.slice(in.position(), length);
        in.position(in.position() + length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
        } catch (CharacterCodingException e) {
            throw new IOException("text that is not UTF-8", e);
        }
    }

    private static Type argument(Type type) {
        return ((ParameterizedType) type).getActualTypeArguments()[0];
    }
}
