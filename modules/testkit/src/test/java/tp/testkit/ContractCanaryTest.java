package tp.testkit;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tp.spi.transport.ByteLink;
import tp.spi.transport.Link;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.Transport;

/** A contract that accepts everything proves nothing: each promise, broken on purpose, is red. */
@Timeout(120)
class ContractCanaryTest {

    private static final ManagerLocation MANAGER = new ManagerLocation("n", "p", 1);

    /** Wraps a good channel with a fault. */
    private interface Fault {
        ByteChannel on(ByteChannel good);
    }

    /** A good channel, to be spoilt in one place. */
    private static class Spoilt implements ByteChannel {
        private final ByteChannel good;

        Spoilt(ByteChannel good) {
            this.good = good;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            return good.read(target);
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            return good.write(source);
        }

        @Override
        public boolean isOpen() {
            return good.isOpen();
        }

        @Override
        public void close() throws IOException {
            good.close();
        }
    }

    private static StreamContract contract(Fault fault) {
        return new StreamContract() {
            @Override
            protected Transport transportTo(Peer peer) {
                var cluster = new LoopbackCluster();
                cluster.listen(MANAGER, peer);
                return transport(cluster, fault);
            }

            @Override
            protected Transport transportToNobody() {
                return transport(new LoopbackCluster(), fault);
            }
        };
    }

    private static Transport transport(LoopbackCluster cluster, Fault fault) {
        return new Transport() {
            @Override
            public Link open() throws IOException {
                return new ByteLink(fault.on(cluster.portForward("n", "p", 1)));
            }

            @Override
            public void close() {
                // Another broken promise: streams go on, and more can be opened.
            }
        };
    }

    @Test
    void aGoodStreamPasses() {
        StreamContract good = contract(stream -> stream);

        assertThatCode(good::bytesComeBackAsTheyWereSent).doesNotThrowAnyException();
        assertThatCode(good::bothDirectionsRunAtTheSameTime).doesNotThrowAnyException();
        assertThatCode(good::anyOtherEndIsAnExceptionAndNeverAnEndOfStream)
                .doesNotThrowAnyException();
        assertThatCode(good::writingWithoutAReaderStopsAndGoesOnWithOne).doesNotThrowAnyException();
    }

    @Test
    void aByteThatChangesIsSeen() {
        assertRed(
                contract(
                                stream ->
                                        new Spoilt(stream) {
                                            @Override
                                            public int read(ByteBuffer target) throws IOException {
                                                int start = target.position();
                                                int count = super.read(target);
                                                if (count > 1000) {
                                                    target.put(start, (byte) 0);
                                                }
                                                return count;
                                            }
                                        })
                        ::bytesComeBackAsTheyWereSent);
    }

    @Test
    void aLossThatLooksLikeAnEndIsSeen() {
        assertRed(
                contract(
                                stream ->
                                        new Spoilt(stream) {
                                            @Override
                                            public int read(ByteBuffer target) {
                                                try {
                                                    return super.read(target);
                                                } catch (IOException e) {
                                                    return -1;
                                                }
                                            }
                                        })
                        ::anyOtherEndIsAnExceptionAndNeverAnEndOfStream);
    }

    @Test
    void aQueueWithoutABoundIsSeen() {
        assertRed(
                contract(
                                stream ->
                                        new Spoilt(stream) {
                                            @Override
                                            public int write(ByteBuffer source) {
                                                int count = source.remaining();
                                                source.position(source.limit());
                                                return count;
                                            }
                                        })
                        ::writingWithoutAReaderStopsAndGoesOnWithOne);
    }

    @Test
    void aTransportThatKeepsItsStreamsIsSeen() {
        assertRed(
                contract(
                                stream ->
                                        new Spoilt(stream) {
                                            @Override
                                            public int read(ByteBuffer target) throws IOException {
                                                throw new IOException("at once");
                                            }
                                        })
                        ::closingTheTransportEndsItsStreams);
    }

    private static void assertRed(ThrowingCallable test) {
        assertThatThrownBy(test).isInstanceOfAny(AssertionError.class, IOException.class);
    }
}
