/** Numbers in Prometheus' text format, served by HTTP. */
package tp.metrics;
