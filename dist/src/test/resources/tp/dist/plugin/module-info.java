/** A transport that somebody else wrote; compiled and dropped into the image by the tests. */
module com.example.tp.pigeon {
    requires tp.spi.transport;

    provides tp.spi.transport.TransportProvider with
            com.example.tp.pigeon.PigeonProvider;
}
