package tp.os;

/** Makes and adopts packet devices. */
public final class Tun {

    private Tun() {}

    /**
     * Makes a device that vanishes when its last descriptor is closed. Needs the right to
     * administer the network.
     *
     * @throws OsException {@code ENOENT} or {@code ENODEV} without TUN support, {@code EPERM} or
     *     {@code EACCES} without the right, {@code EBUSY} if the name is taken
     */
    public static Descriptor create(String name) throws OsException {
        return LinuxTun.create(name);
    }

    /** Takes over a descriptor made by {@link #create}, perhaps by another process. */
    public static PacketDevice adopt(Descriptor descriptor) throws OsException {
        return LinuxTun.adopt(descriptor);
    }
}
