# Makes the node's own network. Runs in the sandbox's user, mount, pid and network namespace.
set -eu
ip link set lo up
w() { [ ! -w "/proc/sys/net/$1" ] || echo "$2" > "/proc/sys/net/$1"; }
w ipv4/ip_forward 1
w ipv6/conf/all/forwarding 1
w ipv6/conf/default/accept_dad 0
w ipv6/conf/all/accept_ra 0
# A new namespace may inherit the host's reverse-path filter; ours has rules per interface instead.
w ipv4/conf/all/rp_filter 0
w ipv4/conf/default/rp_filter 0
# The truth about an unreachable address must come at once and every time.
w ipv4/icmp_ratelimit 0
w ipv6/icmp/ratelimit 0
w ipv4/icmp_msgs_per_sec 1000000
w ipv4/icmp_msgs_burst 1000000
# The ClusterIP proxy binds addresses that no interface has, and makes many short connections.
w ipv6/ip_nonlocal_bind 1
w ipv4/ip_local_port_range "1024 65535"
w ipv4/tcp_tw_reuse 1
w core/somaxconn 8192

ip -batch - <<BATCH
link set lo mtu 65536
address add 10.244.0.1/32 dev lo
route add local 10.96.0.0/16 dev lo
route add unreachable 10.244.0.0/16
route add blackhole 10.244.255.254/32
BATCH
# A kernel without IPv6 has no address on the loopback device either.
if grep -q . /proc/net/if_inet6 2> /dev/null; then
  ip -batch - <<BATCH
address add fd00:10:244::1/128 dev lo nodad
route add local fd00:10:96::/112 dev lo
route add unreachable fd00:10:244::/56
route add blackhole fd00:10:244::fffe/128
BATCH
fi

# The host outside: the node and its pods reach it, the laptop does not. Nothing listens there;
# `ip netns exec outside COMMAND`, on the laptop too, runs something.
ip netns add outside
ip link add outside0 type veth peer name eth0 netns outside
ip -batch - <<BATCH
address add 203.0.113.1/24 dev outside0
link set outside0 up
BATCH
ip -n outside -batch - <<BATCH
link set lo up
address add 203.0.113.10/24 dev eth0
link set eth0 up
route add default via 203.0.113.1
BATCH
if grep -q . /proc/net/if_inet6 2> /dev/null; then
  ip address add 2001:db8:113::1/64 dev outside0 nodad
  ip -n outside -batch - <<BATCH
address add 2001:db8:113::10/64 dev eth0 nodad
route add default via 2001:db8:113::1
BATCH
fi

# What every container's root begins with: directories, links, and a table of what is mounted.
skeleton=/run/tp-sandbox/skeleton root=/run/tp-sandbox/root table=/run/tp-sandbox/container.fstab
mkdir -p "$skeleton/etc" "$skeleton/run" "$skeleton/proc" "$skeleton/sys" "$skeleton/.pod" \
  "$skeleton/.etc" "$skeleton/.old" "$skeleton/.needed" "$skeleton/dev/pts" "$skeleton/dev/shm" \
  "$skeleton/var/lib" "$skeleton/var/log" "$skeleton/var/cache"
mkdir -p -m 1777 "$skeleton/tmp" "$skeleton/var/tmp"
ln -s /run "$skeleton/var/run"
: > "$table"
for entry in /*; do
  case $entry in
    /etc | /run | /tmp | /proc | /sys | /dev | /var | /lost+found) ;;
    *)
      if [ -L "$entry" ]; then
        ln -s "$(readlink "$entry")" "$skeleton$entry"
      elif [ -d "$entry" ]; then
        mkdir "$skeleton$entry"
        # A name with a blank cannot be written in a table, and nothing in a pod needs one.
        case $entry in *' '*) ;; *) echo "$entry $root$entry none rbind,ro 0 0" >> "$table" ;; esac
      fi
      ;;
  esac
done
echo "/etc $root/.etc none rbind 0 0" >> "$table"
for device in null zero full random urandom tty; do
  : > "$skeleton/dev/$device"
  echo "/dev/$device $root/dev/$device none bind 0 0" >> "$table"
done
cat >> "$table" <<TABLE
devpts $root/dev/pts devpts newinstance,ptmxmode=0666,mode=620 0 0
tmpfs $root/dev/shm tmpfs mode=1777 0 0
proc $root/proc proc defaults 0 0
sysfs $root/sys sysfs nofail 0 0
TABLE
ln -s pts/ptmx "$skeleton/dev/ptmx"
ln -s /proc/self/fd "$skeleton/dev/fd"
ln -s /proc/self/fd/0 "$skeleton/dev/stdin"
ln -s /proc/self/fd/1 "$skeleton/dev/stdout"
ln -s /proc/self/fd/2 "$skeleton/dev/stderr"
names=
for entry in /etc/* /etc/.[!.]*; do
  case ${entry##*/} in
    resolv.conf | hosts | hostname | '*' | '.[!.]*' | *' '*) ;;
    *) names="$names /.etc/${entry##*/}" ;;
  esac
done
# shellcheck disable=SC2086
ln -s -t "$skeleton/etc" $names

# The laptop: reaches 192.168.127.1 and nothing else. Packets that come from it are looked up in a
# table of their own, before the table "local", which holds every ClusterIP. The way back to it
# exists for the node's own packets only, so no pod reaches the laptop.
ip netns add laptop
ip link add laptop0 type veth peer name eth0 netns laptop
[ ! -e /proc/sys/net/ipv6/conf/laptop0 ] || echo 1 > /proc/sys/net/ipv6/conf/laptop0/disable_ipv6
ip -batch - <<BATCH
address add 192.168.127.1/32 dev laptop0
link set laptop0 up
rule add pref 10 iif laptop0 lookup 50
rule add pref 20 iif lo to 192.168.127.0/30 lookup 51
rule add pref 50 ipproto icmp to 10.96.0.0/16 blackhole
rule add pref 100 lookup local
rule del pref 0
route add local 192.168.127.1/32 dev laptop0 table 50
route add prohibit default table 50
route add 192.168.127.2/32 dev laptop0 src 192.168.127.1 table 51
BATCH
# A ClusterIP is no host: kube-proxy knows ports of it, and nothing replies to a ping. Here it is an
# address of the node, whose kernel would reply: hence rule 50, and this one.
[ ! -e /proc/sys/net/ipv6 ] || ip -6 -batch - <<BATCH
rule add pref 50 ipproto ipv6-icmp to fd00:10:96::/112 blackhole
rule add pref 100 lookup local
rule del pref 0
BATCH
# The laptop's link-local address is given here: one that the kernel makes comes and settles
# (duplicate address detection, RFC 4862 §5.4) some seconds later, in the middle of what a test
# compares.
[ ! -e /proc/sys/net/ipv6 ] || ip -n laptop -batch - <<BATCH
link set eth0 addrgenmode none
address add fe80::2/64 dev eth0 nodad
BATCH
ip -n laptop -batch - <<BATCH
link set lo up
address add 192.168.127.2/30 dev eth0
link set eth0 up
BATCH
# The kernel adds the multicast route when a work queue of its own has seen the carrier.
[ ! -e /proc/sys/net/ipv6 ] || for _ in $(seq 200); do
  ! ip -n laptop -6 route show table local | grep -q '^multicast ff00::/8 dev eth0' || break
  sleep 0.01
done
