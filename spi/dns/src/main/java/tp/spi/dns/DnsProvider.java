package tp.spi.dns;

import java.util.List;
import tp.spi.common.Assessment;
import tp.spi.common.Provider;

/** Knows one way to make a host ask tp's resolver. */
public interface DnsProvider extends Provider {

    /** {@return whether this way fits that host} Reads nothing but its argument. */
    Assessment assess(ResolverEnvironment environment);

    /**
     * {@return what is to be changed on the host, in order} Empty where nothing is to be changed.
     *
     * @param environment the host's resolver as it was before any change
     * @param settings what tp's resolver offers
     */
    List<HostChange> changes(ResolverEnvironment environment, ResolverSettings settings);
}
