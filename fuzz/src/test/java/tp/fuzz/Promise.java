package tp.fuzz;

import java.util.Arrays;
import java.util.Objects;

/** What a target finds broken. */
public final class Promise {

    private Promise() {}

    public static void kept(boolean condition, String promise) {
        if (!condition) {
            throw new AssertionError("not so: " + promise);
        }
    }

    public static void same(Object one, Object other, String promise) {
        boolean same =
                (one instanceof byte[] bytes && other instanceof byte[] others)
                        ? Arrays.equals(bytes, others)
                        : Objects.equals(one, other);
        if (!same) {
            throw new AssertionError("not so: " + promise + ": " + one + " and " + other);
        }
    }
}
