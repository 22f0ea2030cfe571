# The second half of container.sh, inside the container's root: volumes, then the program.
# The list's lines are "kind source target mode"; PodFiles writes them.
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
    read-only) read_only=yes ;;
  esac
done < "$mounts"
while read -r number needed; do
  if [ ! -e "$needed" ]; then
    if [ -d "/.needed/$number" ]; then mkdir -p "$needed"; else mkdir -p "${needed%/*}" && : > "$needed"; fi
    mount --rbind "/.needed/$number" "$needed"
  fi
done < /.needed/list
[ -z "${read_only:-}" ] || mount -o remount,bind,ro /
cd "$directory"
exec "$@"
