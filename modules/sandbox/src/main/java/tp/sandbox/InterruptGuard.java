package tp.sandbox;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What happens when the launcher itself is told to end while a program runs on the laptop. On a
 * terminal the interrupt was meant for that program, which got it as well and decides; the launcher
 * waits for it. Without a terminal the launcher was meant, and the sandbox ends.
 */
final class InterruptGuard {

    private final CountDownLatch finished = new CountDownLatch(1);
    private final AtomicInteger exit = new AtomicInteger();

    private InterruptGuard() {}

    static InterruptGuard install(SandboxProcess sandbox) {
        InterruptGuard guard = new InterruptGuard();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> guard.onShutdown(sandbox), "end-sandbox"));
        return guard;
    }

    void finished(int code) {
        exit.set(code);
        finished.countDown();
    }

    private void onShutdown(SandboxProcess sandbox) {
        if (hasTerminal()) {
            try {
                finished.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        sandbox.end();
        if (finished.getCount() == 0) {
            // The program's exit code, where the JVM would say that a signal ended it.
            Runtime.getRuntime().halt(exit.get());
        }
    }

    /** Field 7 of /proc/PID/stat (proc(5)): the controlling terminal, 0 for none. */
    private static boolean hasTerminal() {
        String[] fields = Processes.stat(ProcessHandle.current().pid()).split(" ", -1);
        return fields.length > 4 && !fields[4].equals("0");
    }
}
