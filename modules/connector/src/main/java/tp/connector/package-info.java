/**
 * Providers are found and chosen by {@link tp.connector.Providers}, the only class that asks {@link
 * java.util.ServiceLoader}.
 */
package tp.connector;
