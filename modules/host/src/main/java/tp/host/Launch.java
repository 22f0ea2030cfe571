package tp.host;

import java.util.List;
import tp.os.UnixSocket;
import tp.spi.common.TpException;

/** How a helper gets the rights that it needs. */
interface Launch {

    /** {@return the main class of the helper} */
    Class<?> program();

    /**
     * {@return the command that runs that one with these rights}
     *
     * @throws TpException where this machine lacks what gives them
     */
    List<String> command(List<String> helper);

    /** {@return names of variables of the environment that the command needs} */
    List<String> inherited();

    /** {@return whether a person may be asked something, which takes its time} */
    boolean mayAsk();

    /** {@return whether that is the helper which was started as this process} */
    boolean isHelper(UnixSocket.Peer peer, Process started);

    /**
     * {@return why there is no helper}
     *
     * @param said the last line that the command wrote, or its exit code
     */
    TpException failure(String said);
}
