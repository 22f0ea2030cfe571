/**
 * A name goes to the cluster only if the cluster can own it; all others go where they went before.
 * "No such name" is said only where a name server said it: trouble on the way is SERVFAIL. Where no
 * name server of the cluster can be asked, {@link tp.dns.ServiceZone} stands for it.
 */
package tp.dns;
