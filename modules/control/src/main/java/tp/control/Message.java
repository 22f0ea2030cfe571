package tp.control;

/** Everything that crosses the control socket. */
public sealed interface Message permits Request, Reply {}
