package tp.connector;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Optional;
import tp.kube.ClusterTable;

/** Answers the cluster's names out of a table, where no DNS of the cluster can be asked. */
@FunctionalInterface
public interface TableNames {

    /** The names of one table. Any thread. */
    @FunctionalInterface
    interface Zone {

        /**
         * {@return the answer to a DNS message, empty where it is none}
         *
         * @param query borrowed for the call
         */
        Optional<byte[]> answer(ByteBuffer query);
    }

    /**
     * {@return the names of that table}
     *
     * @param clusterDomain such as {@code cluster.local}
     * @param namespaces that exist, also those without a Service
     */
    Zone zone(String clusterDomain, ClusterTable table, Collection<String> namespaces);
}
