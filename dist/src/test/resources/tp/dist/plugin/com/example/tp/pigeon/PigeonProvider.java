package com.example.tp.pigeon;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.concurrent.atomic.LongAdder;
import tp.spi.common.Assessment;
import tp.spi.transport.ByteLink;
import tp.spi.transport.Link;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.spi.transport.TransportProvider;

/** Carries bytes to the manager, and logs in the end how many. */
public final class PigeonProvider implements TransportProvider {

    @Override
    public String id() {
        return "pigeon";
    }

    @Override
    public Assessment assess(TransportContext context) {
        return new Assessment.Usable(1, "slow, but it flies");
    }

    @Override
    public Transport create(TransportContext context) {
        return new Transport() {
            @Override
            public Link open() throws IOException {
                ManagerLocation to = context.manager();
                return new ByteLink(
                        new Pigeon(
                                context.cluster()
                                        .portForward(to.namespace(), to.pod(), to.port())));
            }

            @Override
            public void close() {}
        };
    }

    private record Pigeon(ByteChannel way, LongAdder carried) implements ByteChannel {

        Pigeon(ByteChannel way) {
            this(way, new LongAdder());
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            int length = way.read(target);
            carried.add(Math.max(0, length));
            return length;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            int length = way.write(source);
            carried.add(length);
            return length;
        }

        @Override
        public boolean isOpen() {
            return way.isOpen();
        }

        @Override
        public void close() throws IOException {
            way.close();
            System.getLogger("com.example.tp.pigeon")
                    .log(System.Logger.Level.WARNING, "pigeons carried {0} bytes", carried.sum());
        }
    }
}
