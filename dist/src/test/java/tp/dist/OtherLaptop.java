package tp.dist;

import tp.testkit.laptop.Laptop;

/**
 * Before the cluster of {@code tp.kubeconfig}: connects from a tests' laptop, and prints what that
 * shows.
 */
final class OtherLaptop {

    private OtherLaptop() {}

    public static void main(String[] args) throws Exception {
        try (Laptop laptop = Laptop.start()) {
            System.out.println(
                    laptop.run(
                                    """
                                    tp connect >/dev/null
                                    curl -fsS -m 10 verylargejavaservice.default:8080 | grep -o '<title>'
                                    curl -fsS -m 10 payroll.team-a:8080 >/dev/null && echo payroll
                                    tp quit >/dev/null""")
                            .output());
        }
    }
}
