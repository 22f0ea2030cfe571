package tp.container;

/** Runs in the image: loads the native code that the manager needs, and says so. */
final class NativeCode {

    private NativeCode() {}

    public static void main(String[] names) throws ReflectiveOperationException {
        for (String name : names) {
            Class.forName(name).getMethod("ensureAvailability").invoke(null);
        }
        System.out.println("loaded");
    }
}
