# The second half of container.sh, inside the container's root: volumes, then the program.
# The mount list has lines "source target mode workdir-or-dash"; see ContainerFiles.
set -eu
mounts=$1
shift
directory=/
while IFS='	' read -r kind source target mode; do
  case $kind in
    volume)
      if [ -d "$source" ]; then mkdir -p "$target"; else mkdir -p "${target%/*}" && : >> "$target"; fi
      mount --bind "$source" "$target"
      [ "$mode" = rw ] || mount -o remount,bind,ro "$target"
      ;;
    directory) directory=$target ;;
    capabilities) drop=all ;;
  esac
done < "$mounts"
cd "$directory"
if [ "${drop:-}" = all ]; then
  exec setpriv --no-new-privs --inh-caps=-all --bounding-set=-all -- "$@"
fi
exec "$@"
