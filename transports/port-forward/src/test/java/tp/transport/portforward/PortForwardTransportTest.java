package tp.transport.portforward;

import tp.spi.transport.TransportProvider;
import tp.testkit.TransportContract;

class PortForwardTransportTest extends TransportContract {

    @Override
    public TransportProvider provider() {
        return new PortForwardProvider();
    }
}
