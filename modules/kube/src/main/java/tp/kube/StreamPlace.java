package tp.kube;

/**
 * Where a stream goes.
 *
 * @param name in messages to people
 * @param pathAndQuery for the API server
 * @param kind what there is not where the API server does not know it
 * @param right what is needed to open it
 */
record StreamPlace(String name, String pathAndQuery, String kind, String right) {}
