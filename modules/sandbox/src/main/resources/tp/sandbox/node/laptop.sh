# Holds the laptop's mount and host name. Its /etc is its own, so that a program which edits the
# resolver there can rename files as on a real machine and never touches the host's.
set -eu
state=$1
mkdir -p "$state/host-etc"
mount --rbind /etc "$state/host-etc"
mount -t tmpfs -o mode=755 tmpfs /etc
for entry in "$state"/host-etc/* "$state"/host-etc/.[!.]*; do
  name=${entry##*/}
  case $name in resolv.conf | hosts | hostname | '*' | '.[!.]*') ;; *) ln -s "$entry" "/etc/$name" ;; esac
done
cp "$state/resolv.conf" /etc/resolv.conf
printf '127.0.0.1\tlocalhost laptop\n::1\tlocalhost\n' > /etc/hosts
echo laptop > /etc/hostname
hostname laptop
mount -t sysfs sysfs /sys || :
echo ready
exec sleep infinity
