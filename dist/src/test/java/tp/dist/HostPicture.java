package tp.dist;

/** Everything of a host that tp may change, for scripts of tests. */
final class HostPicture {

    /**
     * {@code picture} prints it, without counters and the age of addresses. {@code as_before} waits
     * up to 2 s for it to be what {@code $T/picture.before} says, else it prints what differs.
     */
    static final String SHELL =
            """
            picture() {
                ip -o addr | sed 's/valid_lft.*//'; ip route show table all; ip -6 route show table all | sed 's/expires [^ ]*//'
                ip rule; ip -6 rule; command -v nft >/dev/null && nft list ruleset; ls -l /etc/resolv.conf; cat /etc/resolv.conf
            }
            as_before() {
                for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
                    picture >$T/picture.now; cmp -s $T/picture.before $T/picture.now && echo as before && return
                    sleep 0.1
                done
                diff $T/picture.before $T/picture.now
            }
            """;

    private HostPicture() {}
}
