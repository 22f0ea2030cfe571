package tp.dns;

/**
 * Counts since the resolver was made.
 *
 * @param queries all questions, malformed ones included
 * @param malformed dropped, or answered FORMERR, NOTIMP or BADVERS
 * @param cached answered from the cache
 * @param asked sent to the cluster
 * @param forwarded sent to the host's own servers
 * @param refused under the cluster's zone, but of a namespace that is not mapped
 * @param failed answered SERVFAIL because the cluster or the host's servers did not answer
 */
public record ResolverStatistics(
        long queries,
        long malformed,
        long cached,
        long asked,
        long forwarded,
        long refused,
        long failed) {}
