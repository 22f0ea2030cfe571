# Starts one container. Runs as process 1 of its own pid namespace, in its own mount, host name and
# IPC namespace and in the pod's network namespace; builds the container's file tree and becomes
# its program. Arguments: the pod's directory, the container's mount list, whether its group may open
# sockets of ICMP ("ping"), then the command.
# This keeps pods apart from each other and from the host's files. It is not a security boundary.
set -eu
pod=$1 mounts=$2 ping=$3
shift 3
root=/run/tp-sandbox/root
mount -t tmpfs -o mode=755 tmpfs "$root"
# node.sh has prepared what is the same for all.
cp -a /run/tp-sandbox/skeleton/. "$root"
mount --all --fstab /run/tp-sandbox/container.fstab
cp "$pod/resolv.conf" "$pod/hosts" "$pod/hostname" "$root/etc/"
# The runtime may be below a directory that the container has of its own; and a volume may be
# mounted over that, after which enter.sh needs another way to it.
: > "$root/.needed/list"
count=0
while read -r needed; do
  case $needed in
    /tmp/* | /var/* | /run/*)
      for place in "$needed" "/.needed/$count"; do
        if [ -d "$needed" ]; then mkdir -p "$root$place"; else mkdir -p "$root${place%/*}" && : > "$root$place"; fi
        mount --rbind "$needed" "$root$place"
      done
      echo "$count $needed" >> "$root/.needed/list"
      count=$((count + 1))
      ;;
  esac
done < /run/tp-sandbox/needed
mount --rbind "$pod" "$root/.pod"
hostname -F "$pod/hostname"
[ ! -w /proc/sys/net/ipv4/ip_unprivileged_port_start ] || echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start
[ ! -w /proc/sys/net/ipv4/tcp_tw_reuse ] || echo 1 > /proc/sys/net/ipv4/tcp_tw_reuse
# The sandbox has one group only, which pods see under other numbers: the kernel takes no range of others.
[ "$ping" != ping ] || [ ! -w /proc/sys/net/ipv4/ping_group_range ] || echo "0 0" > /proc/sys/net/ipv4/ping_group_range
# A program in a chroot could not be given a user namespace of its own.
pivot_root "$root" "$root/.old"
cd /
umount -l /.old
exec /bin/sh /.pod/enter.sh "/.pod/$mounts" "$@"
