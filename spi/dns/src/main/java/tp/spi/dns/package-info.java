/**
 * The DNS extension point. A provider never touches the host: it looks at a {@link
 * tp.spi.dns.ResolverEnvironment} and returns {@link tp.spi.dns.HostChange} values. The helper
 * validates them, writes the journal, applies them and takes them back. Providers are called from
 * any thread, must not block and keep no state.
 */
package tp.spi.dns;
