/**
 * Contract tests, one per extension point, and hand-made fakes: a pipe in memory, a cluster whose
 * pods are functions, a clock that only moves when told to.
 */
package tp.testkit;
