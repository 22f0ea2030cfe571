package tp.spi.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.util.concurrent.ThreadAwareExecutor;

/**
 * Epoll that reads a connection only when it is asked to, as the JDK's sockets do. Netty's own asks
 * for EPOLLRDHUP always, and when that comes reads all that the kernel still has, whatever the
 * channel's automatic reading says: megabytes past the credit of a flow. Without it the end comes
 * as the end of what is read.
 *
 * <p>A socket that nobody reads or writes is watched for the change of its state only: with both
 * directions ended it is ready for EPOLLHUP all the time, and would keep the loop turning. (Netty
 * 4.2.18 takes a socket that is watched for nothing out of epoll, and fails when it is to be
 * watched again.)
 */
final class EpollOnRequest implements IoHandler {

    private final IoHandler epoll;

    private EpollOnRequest(IoHandler epoll) {
        this.epoll = epoll;
    }

    static IoHandlerFactory newFactory() {
        IoHandlerFactory factory = EpollIoHandler.newFactory();
        return new IoHandlerFactory() {
            @Override
            public IoHandler newHandler(ThreadAwareExecutor executor) {
                return new EpollOnRequest(factory.newHandler(executor));
            }

            @Override
            public boolean isChangingThreadSupported() {
                return factory.isChangingThreadSupported();
            }
        };
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        return new OnRequest(epoll.register(handle));
    }

    @Override
    public void initialize() {
        epoll.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
        return epoll.run(context);
    }

    @Override
    public void prepareToDestroy() {
        epoll.prepareToDestroy();
    }

    @Override
    public void destroy() {
        epoll.destroy();
    }

    @Override
    public void wakeup() {
        epoll.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
        return epoll.isCompatible(type);
    }

    private record OnRequest(IoRegistration registration) implements IoRegistration {

        @Override
        public long submit(IoOps ops) {
            return registration.submit(ops instanceof EpollIoOps wanted ? asked(wanted) : ops);
        }

        private static EpollIoOps asked(EpollIoOps wanted) {
            EpollIoOps asked = wanted.without(EpollIoOps.EPOLLRDHUP);
            boolean idle =
                    !asked.contains(EpollIoOps.EPOLLIN) && !asked.contains(EpollIoOps.EPOLLOUT);
            return idle ? asked.with(EpollIoOps.EPOLLET) : asked;
        }

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals")
        public <T> T attachment() {
            return registration.attachment();
        }

        @Override
        public boolean isValid() {
            return registration.isValid();
        }

        @Override
        public boolean cancel() {
            return registration.cancel();
        }
    }
}
