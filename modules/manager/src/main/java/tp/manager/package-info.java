/**
 * {@link tp.manager.Main} puts the parts together. A client's hello goes through {@code
 * Admissions}, which answers with a {@code Grant}; the grant asks the {@code AddressBook} for each
 * flow and the {@code NameGuard} for each DNS question; {@code ClusterView} keeps the book current.
 */
package tp.manager;
