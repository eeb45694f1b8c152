# The manual page and the completions, read by those who consume them.
set -euo pipefail

"$CARDVET" man >"$WORK/cardvet.1"
echo "mandoc -T lint (errors count)"
mandoc -T lint -W error "$WORK/cardvet.1"
mandoc -T utf8 "$WORK/cardvet.1" >"$WORK/page.txt"
grep -q 'fail-at' "$WORK/page.txt"

for shell in bash zsh fish; do
  "$CARDVET" completions "$shell" >"$WORK/completion.$shell"
  echo "$shell -n"
  "$shell" -n "$WORK/completion.$shell"
done

echo "bash completes: store ver"
# Programs complete in the very shell, as bash itself would ask.
answer=$(bash -c 'source "$1"; COMP_WORDS=(cardvet store ver); COMP_CWORD=2; _cardvet cardvet ver store; echo "${COMPREPLY[*]}"' _ "$WORK/completion.bash")
[ "$answer" = verify ] || { echo "got: $answer"; exit 1; }
