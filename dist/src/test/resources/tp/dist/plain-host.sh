#!/bin/sh
# Run by root inside `unshare --net --mount`: a host of its own for an account without rights and without sudo, beside
# sandboxes whose API servers are reached through Unix sockets.
# usage: plain-host.sh FOLDER UID SOCKET...
# Says "ready", and holds the namespaces until its input ends.
set -eu
folder=$1 uid=$2
shift 2

mount --make-rprivate /
mkdir "$folder/etc" "$folder/home" "$folder/run"
mount -t tmpfs etc "$folder/etc" # in a file system of its own, so that nothing of it has to be removed
cp -a /etc/. "$folder/etc"
mount --bind "$folder/etc" /etc
rm -f /etc/resolv.conf
echo 'nameserver 127.0.0.1' >/etc/resolv.conf
echo 'hosts: files mdns4_minimal [NOTFOUND=return] dns' >/etc/nsswitch.conf

# As udev makes it, and as it is closed.
mknod -m 666 "$folder/tun" c 10 200
mknod -m 600 "$folder/tun-closed" c 10 200
mount --bind "$folder/tun" /dev/net/tun

# What cannot be executed is not there, as far as a path is concerned.
sudo=$(command -v sudo) && mount --bind /dev/null "$sudo"

ip link set lo up
ip addr add 192.168.127.1/32 dev lo # what the API servers' certificates name
ip route add blackhole 10.96.0.0/16 # the host leads the clusters' ranges elsewhere
nft add table inet kept
port=6443 listeners=
for socket in "$@"; do
    socat TCP-LISTEN:$port,bind=192.168.127.1,fork,reuseaddr UNIX-CONNECT:"$socket" &
    listeners="$listeners $!"
    port=$((port + 1))
done
trap 'kill $listeners' EXIT # dash knows no jobs within $( )
chown -R "$uid:$uid" "$folder/home" "$folder/run"
chmod 700 "$folder/run"
echo ready
cat >/dev/null
