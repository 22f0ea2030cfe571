# A laptop before a cluster that is not ours: a shell in a network of its own, behind this machine's addresses, with a
# copy of the kubeconfig. As root, since the way out is a translated link. Everything but the cluster's objects is gone
# when the shell ends.
# usage: sh other-cluster.sh KUBECONFIG <what the laptop's shell is to do
set -eu
name=tp-test-$$
outside=198.18.251.1
inside=198.18.251.2

work=$(mktemp -d "/tmp/$name-XXXXXX")
chmod 700 "$work"
mkdir "$work/state" "$work/kube-cache"
mkdir -m 700 "$work/run"
forwarded=$(cat /proc/sys/net/ipv4/ip_forward)
relay=
away() {
    trap '' INT TERM HUP
    [ -z "$relay" ] || kill "$relay" 2>/dev/null || :
    nft delete table ip "$name" 2>/dev/null || :
    ip netns del "$name" 2>/dev/null || :
    echo "$forwarded" >/proc/sys/net/ipv4/ip_forward || :
    rm -rf "$work"
}
trap away EXIT
trap 'exit 1' INT TERM HUP

# Tests change what KUBECONFIG names.
(umask 077; kubectl --kubeconfig "$1" config view --raw --flatten --minify >"$work/kubeconfig")
context=$(kubectl --kubeconfig "$work/kubeconfig" config current-context)
# By that name they know what they are connected to.
[ "$context" = sandbox ] || kubectl --kubeconfig "$work/kubeconfig" config rename-context "$context" sandbox >/dev/null

ip netns add "$name"
ip link add "tp$$" type veth peer name eth0 netns "$name"
# No address of its own making, which would be a tentative one at first.
ip link set "tp$$" addrgenmode none
ip -n "$name" link set eth0 addrgenmode none
ip address add $outside/30 dev "tp$$"
ip link set "tp$$" up
ip -n "$name" address add $inside/30 dev eth0
ip -n "$name" link set lo up
ip -n "$name" link set eth0 up
ip -n "$name" route add default via $outside
echo 1 >/proc/sys/net/ipv4/ip_forward
nft -f - <<END
table ip $name {
    chain out { type nat hook postrouting priority srcnat; ip saddr $inside masquerade; }
}
END

# A cluster on this machine has its API server on the loopback address, which is another one there.
server=$(kubectl --kubeconfig "$work/kubeconfig" config view --minify -o 'jsonpath={.clusters[0].cluster.server}')
address=${server#*://}
address=${address%%/*}
case $address in
127.*:* | localhost:*)
    socat "UNIX-LISTEN:$work/api,fork,mode=600" "TCP:$address" &
    relay=$!
    ip netns exec "$name" socat "TCP-LISTEN:${address##*:},bind=127.0.0.1,fork,reuseaddr" "UNIX-CONNECT:$work/api" &
    relay="$relay $!"
    ;;
esac

# A resolver on the loopback address is not there either; behind that of systemd are those that it asks.
resolver=/etc/resolv.conf
! grep -q '^nameserver 127\.' $resolver || resolver=/run/systemd/resolve/resolv.conf
cp "$resolver" "$work/resolv.conf"

cat >"$work/inside.sh" <<'END'
set -eu
work=$1
mkdir "$work/etc"
mount --rbind /etc "$work/etc"
mount -t tmpfs -o mode=755 tmpfs /etc
for entry in "$work"/etc/* "$work"/etc/.[!.]*; do
    case ${entry##*/} in
    resolv.conf | hosts | hostname | '*' | '.[!.]*') ;;
    *) ln -s -t /etc "$entry" ;;
    esac
done
cp "$work/resolv.conf" /etc/resolv.conf
printf '127.0.0.1\tlocalhost laptop\n::1\tlocalhost\n' >/etc/hosts
echo laptop >/etc/hostname
hostname laptop
export KUBECONFIG="$work/kubeconfig" KUBECACHEDIR="$work/kube-cache"
export XDG_RUNTIME_DIR="$work/run" XDG_STATE_HOME="$work/state"
exec sh
END
ip netns exec "$name" unshare --mount --uts --pid --fork --kill-child --mount-proc sh "$work/inside.sh" "$work"
