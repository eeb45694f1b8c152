# The demo in a network namespace that has loopback and nothing else: it needs no internet.
set -euo pipefail

inside='set -eu; ip link set lo up; [ -z "$(ip route show default)" ]; exec "$CARDVET" demo --format json'
enter=(unshare --net)
[ "$(id -u)" = 0 ] || enter=(unshare --user --map-root-user --net)
if ! "${enter[@]}" true 2>"$WORK/unshare.log"; then
  echo "*** a network namespace could not be made here, so that the demo needs no internet was NOT shown:"
  cat "$WORK/unshare.log"
  exit 77
fi
"${enter[@]}" sh -c "$inside" >"$WORK/demo.jsonl"
samples=$(find "$ROOT/data/samples" -name sample.toml | wc -l)
lines=$(wc -l <"$WORK/demo.jsonl")
echo "$lines of $samples samples were vetted without any network but loopback"
[ "$lines" = "$samples" ]
