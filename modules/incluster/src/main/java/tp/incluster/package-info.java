/**
 * Calls block, and are bounded in time and in bytes. What the API server sends is read into small
 * records: nothing else of an object is kept.
 */
package tp.incluster;
