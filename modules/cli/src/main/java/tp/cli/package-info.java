/** The commands of {@code tp}, and how their answers look. */
package tp.cli;
