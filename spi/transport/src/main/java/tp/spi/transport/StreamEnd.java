package tp.spi.transport;

/** Written to a stream of a {@link StreamLink} after the last byte: this direction ends here. */
public enum StreamEnd {
    STREAM_END
}
