# Holds the laptop's mount and host name. Its /etc is its own, so that a program which edits the
# resolver there can rename files as on a real machine and never touches the host's.
set -eu
state=$1
mkdir -p "$state/host-etc"
mount --rbind /etc "$state/host-etc"
mount -t tmpfs -o mode=755 tmpfs /etc
names=
for entry in "$state"/host-etc/* "$state"/host-etc/.[!.]*; do
  case ${entry##*/} in
    resolv.conf | hosts | hostname | '*' | '.[!.]*' | *' '*) ;;
    *) names="$names $entry" ;;
  esac
done
# shellcheck disable=SC2086
ln -s -t /etc $names
cp "$state/resolv.conf" /etc/resolv.conf
printf '127.0.0.1\tlocalhost laptop\n::1\tlocalhost\n' > /etc/hosts
echo laptop > /etc/hostname
hostname laptop
mount -t sysfs sysfs /sys || :
echo ready
exec sleep infinity
