/**
 * One connection carries one {@link tp.control.Request} and its {@link tp.control.Reply} messages:
 * any number of {@link tp.control.Reply.Progress}, then exactly one of the others. Every message is
 * a record in a length-prefixed frame; {@link tp.control.MessageCodec} bounds all of it. Either
 * side checks that its peer has its own uid.
 */
package tp.control;
