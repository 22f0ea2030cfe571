/**
 * The node: what runs inside the sandbox's namespaces. It makes the network, runs pods as
 * processes, keeps Deployments, ReplicaSets and EndpointSlices, and carries ClusterIP traffic.
 */
package tp.sandbox.node;
