package tp.host;

import java.util.List;
import tp.os.InterfaceAddress;

/**
 * The packet device that a session needs. Its name is {@code tp} and the session's id.
 *
 * @param addresses the device's own, with the prefixes that are reached directly
 * @param mtu 1280 to 65535
 */
public record DeviceRequest(List<InterfaceAddress> addresses, int mtu) {
    public DeviceRequest {
        addresses = List.copyOf(addresses);
    }
}
