# Starts and ends a sandbox again and again in namespaces that hold nothing else, so that whatever
# is left is its own. Arguments: the image, how often.
mount --bind "$1" /mnt
for place in /tmp /var/tmp /run /dev/shm; do mount -t tmpfs tmpfs $place; done
mkdir /tmp/home
export HOME=/tmp/home PATH="/mnt/bin:$PATH"
unset XDG_RUNTIME_DIR XDG_STATE_HOME KUBECONFIG
cd /
picture() {
    # No pipe: what is on its way to become sort or uniq would be in the list.
    ps -eo comm= >/tmp/cycle.processes
    sort /tmp/cycle.processes
    cat /proc/self/mountinfo
    find /tmp /var/tmp /run /dev/shm -not -path '/tmp/cycle.*'
    ip -o link; ip netns; ip rule; ip route show table all
}
milliseconds() { echo $(( ($(date +%s%N) - $1) / 1000000 )); }
picture >/tmp/cycle.before
for round in $(seq "$2"); do
    start=$(date +%s%N)
    tp sandbox up >/tmp/cycle.said 2>&1 || { cat /tmp/cycle.said; exit 1; }
    up=$(milliseconds "$start")
    ready=$(tp sandbox shell -- kubectl get pods --all-namespaces --no-headers |
        awk '{ split($3, count, "/"); ready += count[1] == count[2] } END { print ready " of " NR }')
    start=$(date +%s%N)
    tp sandbox down >/tmp/cycle.said 2>&1 || { cat /tmp/cycle.said; exit 1; }
    down=$(milliseconds "$start")
    picture >/tmp/cycle.after
    left=$(diff /tmp/cycle.before /tmp/cycle.after) && left=nothing
    echo "round $round up $up ms ready $ready down $down ms left $left"
done
