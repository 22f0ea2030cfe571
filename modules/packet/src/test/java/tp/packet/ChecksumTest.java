package tp.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChecksumTest {

    /** The example of RFC 1071 §3, known headers, and lengths that are no multiple of anything. */
    @ParameterizedTest
    @CsvSource({
        "0001f203f4f5f6f7, ddf2",
        "45000073000040004011c0a80001c0a800c7, 479e",
        "4500003c1c4640004006ac100a63ac100a0c, 4e19",
        "'', 0000",
        "ff, ff00",
        "ffff, ffff",
        "000102, 0201",
        "ffffffffffffffffffffffffffff, ffff",
    })
    void sumsLikeTheRfc(String hex, String expected) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        int folded = Checksum.fold(Checksum.sum(ByteBuffer.wrap(bytes), 0, bytes.length));
        assertThat(HexFormat.of().toHexDigits((short) folded)).isEqualTo(expected);
    }

    @Test
    void sumsLikeWordByWordAtEveryLengthAndOffset() {
        SplittableRandom random = new SplittableRandom(1071);
        byte[] bytes = new byte[400];
        for (int round = 0; round < 2_000; round++) {
            random.nextBytes(bytes);
            int offset = random.nextInt(64);
            int length = random.nextInt(bytes.length - offset);
            assertThat(Checksum.fold(Checksum.sum(ByteBuffer.wrap(bytes), offset, length)))
                    .isEqualTo(wordByWord(bytes, offset, length));
        }
    }

    /** RFC 1624 §4: the values on which the older formula gave -0. */
    @Test
    void updatesTheRfcsExample() {
        assertThat(Checksum.update(0xdd2f, 0x5555, 0x3285)).isZero();
    }

    @Test
    void incrementalEqualsFull() {
        SplittableRandom random = new SplittableRandom(1624);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[2 + random.nextInt(100) * 2];
            random.nextBytes(bytes);
            bytes[0] |= 1; // a real packet is never all zero
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            int before = Checksum.finish(Checksum.sum(buffer, 0, bytes.length));
            int length = (1 + random.nextInt(bytes.length / 2)) * 2;
            int at = random.nextInt((bytes.length - length) / 2 + 1) * 2;
            long oldSum = Checksum.sum(buffer, at, length);
            byte[] fresh = new byte[length];
            random.nextBytes(fresh);
            fresh[0] |= 1;
            buffer.put(at, fresh);
            int updated = Checksum.update(before, oldSum, Checksum.sum(buffer, at, length));
            assertThat(updated).isEqualTo(Checksum.finish(Checksum.sum(buffer, 0, bytes.length)));
        }
    }

    private static int wordByWord(byte[] bytes, int offset, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (bytes[offset + i] & 0xff) << ((i & 1) == 0 ? 8 : 0);
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }
}
