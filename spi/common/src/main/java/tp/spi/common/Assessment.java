package tp.spi.common;

/**
 * What a provider says of its own chances, before anything is created. The reason is one line for
 * people; it is printed by {@code tp plugins} and {@code tp status}.
 */
public sealed interface Assessment {

    /** {@return one line for people} */
    String reason();

    /**
     * It will work as far as can be known without trying.
     *
     * @param score 0 (last resort) to 100 (nothing better is thinkable)
     */
    record Usable(int score, String reason) implements Assessment {
        public Usable {
            if (score < 0 || score > 100) {
                throw new IllegalArgumentException("score " + score + " is not in 0..100");
            }
        }
    }

    /** It cannot work here. */
    record Unusable(String reason) implements Assessment {}

    /** Only trying will tell. */
    record Unknown(String reason) implements Assessment {}
}
