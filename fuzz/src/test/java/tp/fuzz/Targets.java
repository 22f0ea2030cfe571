package tp.fuzz;

import java.lang.reflect.InvocationTargetException;
import java.util.List;

/** All targets, by name. */
final class Targets {

    static final List<String> ALL =
            List.of(
                    "tp.packet.PacketViews",
                    "tp.stack.StackPackets",
                    "tp.tunnel.Messages",
                    "tp.tunnel.MessageStreams",
                    "tp.tunnel.Http2Streams",
                    "tp.dns.Answers",
                    "tp.dns.Resolutions",
                    "tp.manager.NameQuestions",
                    "tp.control.ControlMessages",
                    "tp.host.HelperMessages",
                    "tp.os.NetlinkMessages",
                    "tp.incluster.ApiDocuments",
                    "tp.kube.ForwardedPorts",
                    "tp.kube.ClusterDocuments",
                    "tp.transport.grpc.GrpcMessages",
                    "tp.transport.websocket.WebSockets",
                    "tp.transport.quic.AddressProofs",
                    "tp.spi.Texts");

    private Targets() {}

    static Target named(String name) throws ReflectiveOperationException {
        try {
            return Class.forName(name).asSubclass(Target.class).getConstructor().newInstance();
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(name, e.getCause());
        }
    }

    /** {@return the name without the package, which is that of the folder in the corpus} */
    static String folder(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
