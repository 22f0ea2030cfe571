package tp.daemon;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tp.control.ConnectSettings;
import tp.control.FlowEntry;
import tp.control.PluginEntry;
import tp.control.Reply;
import tp.control.StatusReport;

/** A session that was begun, with everything it did to the host. */
interface RunningSession extends AutoCloseable {

    /** Begins sessions. */
    @FunctionalInterface
    interface Starter {

        /**
         * Blocks until the session carries traffic. Where it throws, nothing is left behind.
         *
         * @param progress takes a line for each step; an exception of its own ends the attempt
         * @param lost called once, on any thread, if the session can no longer go on
         * @throws tp.spi.common.TpException with what failed and what to do
         * @throws InterruptedException where the user does not want it any more
         */
        RunningSession begin(
                ConnectSettings settings, Consumer<Reply.Progress> progress, Consumer<String> lost)
                throws InterruptedException;
    }

    /** {@return what to tell whoever began it} */
    Reply.Connected connected();

    /**
     * {@return what to tell whoever connects once more} Waits a while for a link that is lost, and
     * changes transport and mapping where those settings say others.
     *
     * @throws tp.spi.common.TpException where the link does not come back in that time, the
     *     transport does not get there, or the manager refuses the mapping; then that is as before
     */
    Reply.Connected again(ConnectSettings settings, Consumer<Reply.Progress> progress)
            throws InterruptedException;

    /**
     * {@return the flags with which those settings lead elsewhere, none if to this very session}
     * Neither the mapping is one of them nor, with a manager, the transport: these can be changed.
     */
    List<String> differing(ConnectSettings settings);

    /**
     * Looks for names without a dot in a namespace, until {@link #leave}.
     *
     * @param namespace empty: that of the kubeconfig's context
     * @throws tp.spi.common.TpException where that cannot be
     */
    Reply.Intercepted intercept(String name, Optional<String> namespace);

    /**
     * @throws tp.spi.common.TpException where there is no such intercept
     */
    void leave(String name);

    StatusReport report();

    /** {@return what goes through at this moment, the newest last} */
    List<FlowEntry> flows();

    List<PluginEntry> plugins();

    /** Restores the host and ends the helper. Does not throw; a second call does nothing. */
    @Override
    void close();
}
