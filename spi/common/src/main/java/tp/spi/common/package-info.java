/**
 * Types that all extension points use. Everything here is immutable and may be shared by threads.
 */
package tp.spi.common;
