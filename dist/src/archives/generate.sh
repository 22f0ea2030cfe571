#!/bin/sh
# Writes again the lists of the classes that the daemon, and its helper and keeper, load for a connect: daemon.classes and
# helper.classes beside this script. To be run after a library changed, or when StartIT says that too few of them come
# out of the archives.
# usage: generate.sh      (after `mvn package`; needs what `tp demo` needs)
#
# Interpreted, since compiled code resolves constants in its own way, at a time of chance. The constants of a class (@cp)
# matter where lambdas are among them, which are archived then; the others make the list longer and a connect no faster.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The helper and the keeper have no environment, so their options come from a wrapper around java.
image=$work/image
cp -a "$here/../../target/image" "$image"
mv "$image/bin/java" "$image/bin/java.real"
cat >"$image/bin/java" <<END
#!/bin/sh
case "\$*" in *HelperMain*|*KeeperMain*)
    exec "$image/bin/java.real" -Xint -Xshare:off -XX:DumpLoadedClassList=$work/\$\$.helper "\$@" ;;
esac
exec "$image/bin/java.real" "\$@"
END
chmod +x "$image/bin/java"

cat >"$work/connects" <<'END'
connects() {
    JDK_JAVA_OPTIONS="-Xint -Xshare:off -XX:DumpLoadedClassList=$work/%p.list" tp connect "$@" || exit
    tp status --output json >/dev/null
    curl -s -o /dev/null verylargejavaservice.default:8080 || exit
    tp quit || exit
}
tp connect && tp quit || exit
for transport in grpc quic websocket port-forward; do
    connects --transport $transport
done
connects --dns redirect
connects --mapped-namespaces default --namespace default
END
work=$work "$image/bin/tp" sandbox run -- sh "$work/connects"

# usage: listed NAME LIST...   The numbers are for classes of other loaders.
listed() {
    file=$here/$1.classes
    shift
    cat "$@" | sed 's/ id: [0-9]*$//' | LC_ALL=C sort -u >"$work/all"
    {
        grep -v '^[@#]' "$work/all"
        awk 'NR == FNR { if ($1 == "@lambda-proxy") has[$2] = 1; next } /^@/ && ($1 != "@cp" || $2 in has)' \
            "$work/all" "$work/all"
    } >"$file"
    wc -l "$file"
}
# Commands have written lists of their own.
listed daemon $(grep -l '^tp/daemon/Main' "$work"/*.list)
listed helper "$work"/*.helper
