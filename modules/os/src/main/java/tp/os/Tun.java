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

    /**
     * The same for a device that may be in another network namespace, where this process cannot ask
     * for its MTU.
     */
    public static PacketDevice adopt(Descriptor descriptor, int mtu) throws OsException {
        return LinuxTun.adopt(descriptor, mtu);
    }
}
