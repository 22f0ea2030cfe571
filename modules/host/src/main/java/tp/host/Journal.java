package tp.host;

import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;
import tp.host.FieldReader.MalformedException;
import tp.os.InterfaceAddress;
import tp.os.ProcessIdentity;

/**
 * What has to be taken back when a session ends.
 *
 * @param daemon whose end ends the session
 * @param helper whose duty it is first
 * @param addresses of the device; TCP sockets that have one are ended
 * @param resolver how {@code /etc/resolv.conf} was, if it was changed
 * @param effects what else was changed
 */
record Journal(
        ProcessIdentity daemon,
        ProcessIdentity helper,
        List<InterfaceAddress> addresses,
        Optional<ResolverOriginal> resolver,
        Set<Effect> effects) {

    /** A change that needs no record but that it was made. */
    enum Effect {
        /** {@link LinkNames} of the session's device. */
        LINK_NAMES,
        /** {@link Port53Rules} of the session. */
        PORT_53_RULES
    }

    static final int MAX_BYTES = 256 * 1024;

    private static final int MAGIC = 0x74706a32; // "tpj2"

    Journal {
        addresses = List.copyOf(addresses);
        effects = Set.copyOf(effects);
    }

    /** A session that has changed nothing yet. */
    Journal(ProcessIdentity daemon, ProcessIdentity helper) {
        this(daemon, helper, List.of(), Optional.empty(), Set.of());
    }

    Journal with(Optional<ResolverOriginal> changed) {
        return new Journal(daemon, helper, addresses, changed, effects);
    }

    Journal with(List<InterfaceAddress> opened) {
        return new Journal(daemon, helper, opened, resolver, effects);
    }

    Journal with(Effect effect) {
        Set<Effect> more = EnumSet.of(effect);
        more.addAll(effects);
        return new Journal(daemon, helper, addresses, resolver, more);
    }

    /** {@return the same with nothing left to take back of the resolver} */
    Journal withoutChanges() {
        return new Journal(daemon, helper, addresses, Optional.empty(), Set.of());
    }

    /** {@return whether the session's owners have all ended} */
    boolean isStale() {
        return !daemon.isAlive() && !helper.isAlive();
    }

    /** {@return magic number, check sum of the rest, the rest} */
    byte[] bytes() {
        FieldWriter out = new FieldWriter();
        write(out, daemon);
        write(out, helper);
        out.list(addresses, address -> HelperCodec.write(out, address));
        out.flag(resolver.isPresent());
        resolver.ifPresent(original -> original.write(out));
        out.list(List.copyOf(effects), out::constant);
        byte[] rest = out.bytes();
        FieldWriter whole = new FieldWriter().number32(MAGIC).number32(checkSum(rest));
        return whole.blob(rest).bytes();
    }

    static Journal parse(byte[] bytes) throws MalformedException {
        FieldReader whole = new FieldReader(ByteBuffer.wrap(bytes));
        int magic = whole.number32();
        int sum = whole.number32();
        byte[] rest = whole.blob();
        whole.end();
        if (magic != MAGIC || sum != checkSum(rest)) {
            throw new MalformedException("no whole journal");
        }
        FieldReader in = new FieldReader(ByteBuffer.wrap(rest));
        Journal journal =
                new Journal(
                        identity(in),
                        identity(in),
                        in.list(() -> HelperCodec.interfaceAddress(in)),
                        in.flag() ? Optional.of(ResolverOriginal.read(in)) : Optional.empty(),
                        Set.copyOf(in.list(() -> in.constant(Effect.values()))));
        in.end();
        return journal;
    }

    private static void write(FieldWriter out, ProcessIdentity process) {
        out.number64(process.pid()).number64(process.startTicks());
    }

    private static ProcessIdentity identity(FieldReader in) throws MalformedException {
        return new ProcessIdentity(in.number64(), in.number64());
    }

    private static int checkSum(byte[] bytes) {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        return (int) sum.getValue();
    }
}
