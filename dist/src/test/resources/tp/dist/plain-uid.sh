#!/bin/sh
# Run by root inside `unshare --net --mount`, beside a sandbox whose API server is reached through a Unix socket.
# usage: plain-uid.sh TP SOCKET KUBECONFIG
# A plain uid connects through real sudo; then /proc says what each process may do. Prints one fact per line.
set -eu
tp=$1 socket=$2 kubeconfig=$3
uid=4242
home=$(mktemp -d)
trap 'umount /etc/sudoers /etc/shadow /etc/passwd /etc/resolv.conf 2>/dev/null; kill $relay 2>/dev/null; rm -rf "$home"' EXIT

mount --make-rprivate /
ip link set lo up
ip addr add 192.168.127.1/32 dev lo # what the API server's certificate names
(cat /etc/passwd; echo "tptest:x:$uid:$uid::$home:/bin/sh") >"$home/passwd"
# PAM's account check wants an entry; "*" matches no password.
(cat /etc/shadow; echo "tptest:*:20000:0:99999:7:::") >"$home/shadow"
printf 'root ALL=(ALL:ALL) ALL\ntptest ALL=(root) NOPASSWD: ALL\n' >"$home/sudoers"
chmod 0440 "$home/sudoers"
chmod 0640 "$home/shadow"
echo 'nameserver 127.0.0.1' >"$home/resolv.conf"
mount --bind "$home/passwd" /etc/passwd
mount --bind "$home/shadow" /etc/shadow
mount --bind "$home/sudoers" /etc/sudoers
[ -e /etc/resolv.conf ] || : >/etc/resolv.conf
mount --bind "$home/resolv.conf" /etc/resolv.conf
socat TCP-LISTEN:6443,bind=192.168.127.1,fork,reuseaddr UNIX-CONNECT:"$socket" &
relay=$!
cp "$kubeconfig" "$home/kubeconfig"
chown -R "$uid:$uid" "$home"
chown 0:0 "$home/sudoers" "$home/shadow" "$home/passwd"
chmod 644 "$home/passwd"
as_user() { setpriv --reuid "$uid" --regid "$uid" --clear-groups env -i HOME="$home" PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    KUBECONFIG="$home/kubeconfig" TP_SECRET_CANARY=visible "$@"; }

# Without a rule for this user sudo wants a password, for which there is no terminal here.
echo 'root ALL=(ALL:ALL) ALL' >"$home/sudoers.none"
chmod 0440 "$home/sudoers.none"
mount --bind "$home/sudoers.none" /etc/sudoers
set +e
refusal=$(as_user "$tp" connect 2>&1 >/dev/null)
echo "sudo refuses: exit $?, $(echo "$refusal" | wc -l) line, $refusal"
set -e
umount /etc/sudoers

as_user "$tp" connect
as_user curl -fsS -m 10 verylargejavaservice.default:8080 | grep -o '<title>' | sed 's/^/curl: /'
json=$(as_user "$tp" status --output json | tr -d ' \n')
pid() { echo "$json" | sed "s/.*\"$1\":{[^}]*\"pid\":\([0-9]*\).*/\1/"; }
daemon=$(pid user_daemon) helper=$(pid root_daemon)

echo "daemon uid: $(sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' /proc/$daemon/status)"
echo "daemon CapEff: $(sed -n 's/^CapEff:\t//p' /proc/$daemon/status)"
echo "helper uid: $(sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' /proc/$helper/status)"
# Any inode of an open socket of the helper that is also in a table of TCP, UDP or raw sockets.
inodes=$(ls -l /proc/$helper/fd | sed -n 's/.*socket:\[\([0-9]*\)\].*/\1/p')
network=0
for inode in $inodes; do
    if cat /proc/$helper/net/tcp /proc/$helper/net/tcp6 /proc/$helper/net/udp /proc/$helper/net/udp6 \
        /proc/$helper/net/raw /proc/$helper/net/raw6 /proc/$helper/net/packet 2>/dev/null | grep -qw "$inode"; then
        network=$((network + 1))
    fi
done
echo "helper network sockets: $network"
echo "helper TUN descriptors: $(ls -l /proc/$helper/fd | grep -c net/tun || true)"
secrets=0
for token in $(sed -n 's/.*token: *//p' "$home/kubeconfig") TP_SECRET_CANARY; do
    for process in $daemon $helper; do
        tr '\0' '\n' </proc/$process/cmdline | grep -qF "$token" && secrets=$((secrets + 1))
    done
    tr '\0' '\n' </proc/$helper/environ | grep -qF "$token" && secrets=$((secrets + 1))
done
echo "secrets seen: $secrets"
as_user "$tp" quit
echo "resolv.conf: $(cat /etc/resolv.conf)"
