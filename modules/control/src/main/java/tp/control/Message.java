package tp.control;

/** Everything that the command line and the daemon's program say to each other. */
public sealed interface Message permits Request, Reply, Task {}
