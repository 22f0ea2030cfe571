package tp.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** However the network cuts messages, their data is the same. */
class ChunkReaderTest {

    /** Fields of every other type around the data, an empty message, and empty data. */
    private static final String MESSAGES =
            "000000001a 10ff01 1d01020304 190303030303030303 3202aabb 0a03616263"
                    + "0000000000"
                    + "0000000002 0a00"
                    + "0000000005 0a03646566";

    private static final byte[] BYTES = HexFormat.of().parseHex(MESSAGES.replace(" ", ""));

    @Test
    void theDataOfMessagesIsTheSameHoweverTheyAreCut() throws Exception {
        for (int first = 0; first <= BYTES.length; first++) {
            for (int second = first; second <= BYTES.length; second++) {
                assertThat(read(first, second)).isEqualTo("abcdef");
            }
        }
    }

    /** {@return the data of the messages that come in three pieces} */
    private static String read(int first, int second) throws MalformedException {
        ChunkReader reader = new ChunkReader();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        int[] cuts = {0, first, second, BYTES.length};
        for (int i = 1; i < cuts.length; i++) {
            ByteBuf piece = Unpooled.buffer();
            piece.writeBytes(BYTES, cuts[i - 1], cuts[i] - cuts[i - 1]);
            reader.read(piece, part -> take(part, data));
            assertThat(piece.isReadable()).isFalse();
            piece.release();
            assertThat(piece.refCnt()).isZero();
        }
        assertThat(reader.betweenMessages()).isTrue();
        return data.toString(StandardCharsets.US_ASCII);
    }

    private static void take(ByteBuf part, ByteArrayOutputStream to) {
        byte[] bytes = new byte[part.readableBytes()];
        part.readBytes(bytes);
        part.release();
        to.writeBytes(bytes);
    }

    @Test
    void aMessageThatIsNotThereYetIsNoEnd() throws Exception {
        ChunkReader reader = new ChunkReader();
        assertThat(reader.betweenMessages()).isTrue();

        reader.read(Unpooled.wrappedBuffer(new byte[] {0}), ByteBuf::release);

        assertThat(reader.betweenMessages()).isFalse();
    }
}
