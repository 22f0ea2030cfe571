# Starts one container. Runs as process 1 of its own pid namespace, in its own mount, host name and
# IPC namespace and in the pod's network namespace; builds the container's file tree and becomes
# its program. Arguments: the pod's directory, the container's mount list, then the command.
# This keeps pods apart from each other and from the host's files. It is not a security boundary.
set -eu
pod=$1 mounts=$2
shift 2
root=/run/tp-sandbox/root
mkdir -p "$root"
mount -t tmpfs -o mode=755 tmpfs "$root"
mkdir -p "$root/etc" "$root/run" "$root/tmp" "$root/proc" "$root/sys" "$root/dev" "$root/.pod"
chmod 1777 "$root/tmp"
mkdir -p "$root/var/tmp" "$root/var/lib" "$root/var/log" "$root/var/cache" "$root/.etc"
ln -s /run "$root/var/run"
for entry in /*; do
  case $entry in
    /etc | /run | /tmp | /proc | /sys | /dev | /var | /lost+found) ;;
    *)
      if [ -L "$entry" ]; then
        ln -s "$(readlink "$entry")" "$root$entry"
      elif [ -d "$entry" ]; then
        mkdir -p "$root$entry"
        mount --rbind "$entry" "$root$entry"
        # Best effort: where the host's mount has locked flags, this is refused.
        mount -o remount,bind,ro "$root$entry" 2>/dev/null || :
      fi
      ;;
  esac
done
mount --rbind /etc "$root/.etc"
for entry in /etc/* /etc/.[!.]*; do
  name=${entry##*/}
  case $name in resolv.conf | hosts | hostname | '*' | '.[!.]*') ;; *) ln -s "/.etc/$name" "$root/etc/$name" ;; esac
done
cp "$pod/resolv.conf" "$pod/hosts" "$pod/hostname" "$root/etc/"
# The runtime may be below a directory that the container has of its own; and a volume may be
# mounted over that, after which enter.sh needs another way to it.
mkdir -p "$root/.needed"
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
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys" 2>/dev/null || :
mount --rbind "$pod" "$root/.pod"
hostname "$(cat "$pod/hostname")"
[ ! -w /proc/sys/net/ipv4/ip_unprivileged_port_start ] || echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start
[ ! -w /proc/sys/net/ipv4/tcp_tw_reuse ] || echo 1 > /proc/sys/net/ipv4/tcp_tw_reuse
exec chroot "$root" /bin/sh /.pod/enter.sh "/.pod/$mounts" "$@"
