/**
 * A name goes to the cluster only if the cluster can own it; all others go where they went before.
 * "No such name" is said only where a name server said it: trouble on the way is SERVFAIL.
 */
package tp.dns;
