package tp.stack;

/** A first-in, first-out queue of ints that grows to what was once needed. */
final class IntRing {

    private int[] items = new int[16];
    private int head;
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    void add(int item) {
        if (size == items.length) {
            grow();
        }
        items[(head + size) & (items.length - 1)] = item;
        size++;
    }

    int first() {
        return items[head];
    }

    int remove() {
        int item = items[head];
        head = (head + 1) & (items.length - 1);
        size--;
        return item;
    }

    private void grow() {
        int[] larger = new int[items.length * 2];
        int atEnd = items.length - head;
        System.arraycopy(items, head, larger, 0, atEnd);
        System.arraycopy(items, 0, larger, atEnd, size - atEnd);
        items = larger;
        head = 0;
    }
}
