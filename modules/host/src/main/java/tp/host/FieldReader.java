package tp.host;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads what {@link FieldWriter} wrote; nothing it is given makes it read or reserve more. */
final class FieldReader {

    private static final int MAX_ELEMENTS = 4096;

    private final ByteBuffer bytes;

    /** The bytes are not what {@link FieldWriter} writes. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    /** Reads one element of a list. */
    interface Element<T> {
        T read() throws MalformedException;
    }

    FieldReader(ByteBuffer bytes) {
        this.bytes = bytes.slice().order(ByteOrder.BIG_ENDIAN);
    }

    int number8() throws MalformedException {
        return (int) number(1);
    }

    int number16() throws MalformedException {
        return (int) number(2);
    }

    int number32() throws MalformedException {
        return (int) number(4);
    }

    long number64() throws MalformedException {
        return number(8);
    }

    private long number(int length) throws MalformedException {
        try {
            long value = 0;
            for (int i = 0; i < length; i++) {
                value = (value << 8) | (bytes.get() & 0xff);
            }
            return value;
        } catch (BufferUnderflowException e) {
            throw new MalformedException("cut off");
        }
    }

    boolean flag() throws MalformedException {
        int value = number8();
        if (value > 1) {
            throw new MalformedException("a flag of " + value);
        }
        return value == 1;
    }

    byte[] blob() throws MalformedException {
        int length = number32();
        if (length < 0 || length > bytes.remaining()) {
            throw new MalformedException("a field of " + length + " bytes");
        }
        byte[] value = new byte[length];
        bytes.get(value);
        return value;
    }

    String text() throws MalformedException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(blob())).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException("not UTF-8");
        }
    }

    InetAddress address() throws MalformedException {
        int length = number8();
        if ((length != 4 && length != 16) || length > bytes.remaining()) {
            throw new MalformedException("an address of " + length + " bytes");
        }
        byte[] raw = new byte[length];
        bytes.get(raw);
        try {
            return InetAddress.getByAddress(raw);
        } catch (UnknownHostException e) {
            throw new MalformedException(String.valueOf(e.getMessage()));
        }
    }

    <T> List<T> list(Element<T> element) throws MalformedException {
        int count = number16();
        if (count > MAX_ELEMENTS) {
            throw new MalformedException("a list of " + count);
        }
        List<T> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(element.read());
        }
        return List.copyOf(values);
    }

    <T extends Enum<T>> T constant(T[] constants) throws MalformedException {
        String name = text();
        for (T constant : constants) {
            if (constant.name().equals(name)) {
                return constant;
            }
        }
        throw new MalformedException("an unknown constant");
    }

    /** Nothing may be left. */
    void end() throws MalformedException {
        if (bytes.hasRemaining()) {
            throw new MalformedException(bytes.remaining() + " bytes too many");
        }
    }
}
