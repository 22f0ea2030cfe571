package tp.transport.grpc;

import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;

/**
 * Takes field 1 out of gRPC's length-prefixed protobuf messages, as its bytes come: nothing waits
 * for the end of a message, and nothing is copied. Other fields are skipped.
 */
final class ChunkReader {

    static final int MAX_MESSAGE_BYTES = 256 * 1024;

    private static final int PREFIX_BYTES = 5;
    private static final int MAX_VARINT_BYTES = 10;

    /** Protobuf's wire types. */
    private static final int VARINT = 0;

    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int START_GROUP = 3;
    private static final int END_GROUP = 4;
    private static final int FIXED32 = 5;

    private static final int DATA_FIELD = 1;

    private enum State {
        PREFIX,
        TAG,
        SKIPPED_VARINT,
        LENGTH,
        SKIPPED,
        DATA
    }

    private State state = State.PREFIX;
    private int prefixSeen;
    private long prefix;
    private int messageLeft;
    private long varint;
    private int varintSeen;
    private boolean ofData;
    private boolean dataSeen;
    private int fieldLeft;

    /**
     * Reads all of a buffer, which stays the caller's.
     *
     * @param data gets the bytes of the field, retained
     */
    void read(ByteBuf in, Consumer<ByteBuf> data) throws MalformedException {
        while (in.isReadable()) {
            switch (state) {
                case PREFIX -> prefix(in.readUnsignedByte());
                case TAG -> {
                    if (varint(in.readUnsignedByte())) {
                        tag();
                    }
                }
                case SKIPPED_VARINT -> {
                    if (varint(in.readUnsignedByte())) {
                        field(0, State.SKIPPED);
                    }
                }
                case LENGTH -> {
                    if (varint(in.readUnsignedByte())) {
                        field(varint, ofData ? State.DATA : State.SKIPPED);
                    }
                }
                case SKIPPED -> in.skipBytes(taken(in));
                case DATA -> {
                    ByteBuf part = in.readRetainedSlice(Math.min(fieldLeft, in.readableBytes()));
                    took(part.readableBytes());
                    data.accept(part);
                }
            }
        }
    }

    /** {@return whether what came last was a whole message, or nothing ever came} */
    boolean betweenMessages() {
        return state == State.PREFIX && prefixSeen == 0;
    }

    private void prefix(int octet) throws MalformedException {
        prefix = prefix << Byte.SIZE | octet;
        if (prefixSeen == 0 && octet != 0) {
            throw octet == 1
                    ? new MalformedException(
                            GrpcStatus.UNIMPLEMENTED, "compressed messages are not taken")
                    : garbage("the flag of a message is " + octet);
        }
        if (++prefixSeen < PREFIX_BYTES) {
            return;
        }
        if (prefix > MAX_MESSAGE_BYTES) {
            throw new MalformedException(
                    GrpcStatus.RESOURCE_EXHAUSTED,
                    "a message is longer than " + MAX_MESSAGE_BYTES + " bytes");
        }
        messageLeft = (int) prefix;
        dataSeen = false;
        nextField();
    }

    private void nextField() {
        prefix = 0;
        prefixSeen = 0;
        varint = 0;
        varintSeen = 0;
        state = messageLeft == 0 ? State.PREFIX : State.TAG;
    }

    /** {@return whether the number is complete} */
    private boolean varint(int octet) throws MalformedException {
        messageLeft--;
        if (varintSeen == MAX_VARINT_BYTES) {
            throw garbage("a number of more than " + MAX_VARINT_BYTES + " bytes");
        }
        varint |= ((long) octet & 0x7f) << (7 * varintSeen++);
        if (octet < 0x80) {
            return true;
        }
        if (messageLeft == 0) {
            throw garbage("a message ends within a number");
        }
        return false;
    }

    private void tag() throws MalformedException {
        long number = varint >>> 3;
        int type = (int) varint & 7;
        if (number == 0) {
            throw garbage("a field without a number");
        }
        ofData = number == DATA_FIELD && type == LENGTH_DELIMITED;
        if (ofData && dataSeen) {
            // Protobuf takes the last one, but the first has been delivered already.
            throw garbage("a message has its data twice");
        }
        dataSeen |= ofData;
        varint = 0;
        varintSeen = 0;
        switch (type) {
            case VARINT -> needs(State.SKIPPED_VARINT);
            case LENGTH_DELIMITED -> needs(State.LENGTH);
            case FIXED64 -> field(Long.BYTES, State.SKIPPED);
            case FIXED32 -> field(Integer.BYTES, State.SKIPPED);
            case START_GROUP, END_GROUP -> field(0, State.SKIPPED);
            default -> throw garbage("a field of type " + type);
        }
    }

    private void needs(State next) throws MalformedException {
        if (messageLeft == 0) {
            throw garbage("a message ends within a field");
        }
        state = next;
    }

    /** The content of a field comes next. */
    private void field(long length, State next) throws MalformedException {
        if (length < 0 || length > messageLeft) {
            throw garbage("a field is longer than its message");
        }
        fieldLeft = (int) length;
        if (fieldLeft == 0) {
            nextField();
        } else {
            state = next;
        }
    }

    private int taken(ByteBuf in) {
        int count = Math.min(fieldLeft, in.readableBytes());
        took(count);
        return count;
    }

    private void took(int count) {
        fieldLeft -= count;
        messageLeft -= count;
        if (fieldLeft == 0) {
            nextField();
        }
    }

    private static MalformedException garbage(String what) {
        return new MalformedException(GrpcStatus.INVALID_ARGUMENT, "no message of Chunk: " + what);
    }
}
