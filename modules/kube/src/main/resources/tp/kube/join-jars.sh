# Puts the manager's jars together out of their pieces, and lets the pod start only with those that the
# install named: each argument is a jar's SHA-256, its name, and its pieces in their order. What goes
# wrong is the last line, which the container's status shows.
set -uf
fail() {
  echo "the manager's code is not what was installed: $1" >&2
  exit 1
}
for jar in "$@"; do
  set -- $jar
  sum=$1 name=$2
  shift 2
  for piece in "$@"; do
    [ -f "/pieces/$piece" ] || fail "the piece $piece is missing"
    cat "/pieces/$piece" || fail "the piece $piece cannot be read"
  done >"/code/$name" || fail "$name cannot be written"
  echo "$sum  /code/$name" | sha256sum -c >/dev/null 2>&1 || fail "$name has another SHA-256"
done
