# Runs Debian's own systemd-resolved on this laptop, as its init would, on a D-Bus of its own:
#   resolved.sh FOLDER SETTING...     FOLDER holds the unpacked package, a SETTING is a line of
#                                     resolved.conf: DNS=SERVER says whom it asks
# Returns when /etc/resolv.conf leads to its stub. Both programs end with the sandbox. Once more, it
# starts a systemd-resolved that was killed.
set -eu
package=$1
shift
mkdir -p /run/dbus /run/systemd
# systemd-resolved becomes this user, and the sandbox's user namespace has one user only.
[ -L /etc/passwd ] && cp --remove-destination "$(readlink -f /etc/passwd)" /etc/passwd
sed -i '/^systemd-resolve:/d' /etc/passwd
echo 'systemd-resolve:x:0:0:systemd Resolver:/:/usr/sbin/nologin' >>/etc/passwd
rm -rf /etc/systemd
mkdir -p /etc/systemd
printf '%s\n' '[Resolve]' FallbackDNS= "$@" >/etc/systemd/resolved.conf
cat >/run/dbus/test.conf <<'EOF'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <auth>EXTERNAL</auth>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
  </policy>
</busconfig>
EOF
[ -S /run/dbus/system_bus_socket ] || dbus-daemon --config-file=/run/dbus/test.conf --nofork --nopidfile >/run/dbus/log 2>&1 </dev/null &
until [ -S /run/dbus/system_bus_socket ]; do sleep 0.02; done
SYSTEMD_LOG_LEVEL=${RESOLVED_LOG:-info} SYSTEMD_LOG_TARGET=console \
    "$package/lib/systemd/systemd-resolved" >/run/dbus/resolved.log 2>&1 </dev/null &
echo $! >/run/dbus/resolved.pid
ready() { [ -f /run/systemd/resolve/stub-resolv.conf ] && busctl --system status org.freedesktop.resolve1 >/dev/null 2>&1; }
for i in $(seq 200); do
    ready && break
    kill -0 "$(cat /run/dbus/resolved.pid)" || { cat /run/dbus/resolved.log; exit 1; }
    sleep 0.05
done
ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
