/** The composition root on the laptop, and the data path that it lays. */
package tp.daemon;
