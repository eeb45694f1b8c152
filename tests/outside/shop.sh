# A small shop by nginx on loopback: GBK, gzip, plain and over TLS with a self-signed and with an expired certificate.
# What was kept of it then goes through warcio.
set -euo pipefail
cd "$WORK"
mkdir -p shop/html logs

# Four free ports, held until all are known.
read -r plain self expired good <<<"$("$PYTHON" - <<'PY'
import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
print(*(s.getsockname()[1] for s in held))
PY
)"

"$PYTHON" - <<'PY'
text = """<html><head><title>小站点卡</title></head><body><h1>小站点卡 游戏充值</h1>
<p>购买点卡，下单后自动发货。一经售出，概不退换。</p><p><a href="/about.html">关于我们</a></p>
<footer>京ICP备10046444号</footer></body></html>"""
about = "<html><body><h1>关于我们</h1><p>本店地址：某市某路一号。</p></body></html>"
open("shop/html/index.html", "wb").write(text.encode("gbk"))
open("shop/html/about.html", "wb").write(about.encode("gbk"))
PY

echo "certificates"
san='subjectAltName=IP:127.0.0.1'
openssl req -x509 -newkey rsa:2048 -nodes -keyout self.key -out self.pem -days 30 -subj /CN=shop -addext "$san" 2>/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=outside-ca \
  -addext basicConstraints=critical,CA:TRUE 2>/dev/null
printf '%s\n' '[ca]' 'default_ca=d' '[d]' 'database=index.txt' 'serial=serial' 'new_certs_dir=.' 'default_md=sha256' \
  'policy=p' 'x509_extensions=x' 'unique_subject=no' '[p]' 'commonName=supplied' '[x]' "$san" >ca.cnf
: >index.txt
echo 01 >serial
for name in expired good; do
  openssl req -newkey rsa:2048 -nodes -keyout "$name.key" -out "$name.csr" -subj "/CN=$name" 2>/dev/null
done
sign() { openssl ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -in "$1.csr" -out "$1.pem" "${@:2}" 2>ca.log; }
sign expired -startdate 20200101000000Z -enddate 20210101000000Z
sign good -days 20

tls_server() {
  printf 'server { listen 127.0.0.1:%s ssl; ssl_certificate %s.pem; ssl_certificate_key %s.key; root shop/html; }\n' "$2" "$1" "$1"
}
{
  [ "$(id -u)" != 0 ] || echo 'user root;'
  echo 'daemon off; pid nginx.pid; error_log logs/error.log; worker_processes 1; events {}'
  echo 'http { types { text/html html; } charset gbk; gzip on; gzip_min_length 0;'
  echo 'client_body_temp_path logs/a; proxy_temp_path logs/b; fastcgi_temp_path logs/c; uwsgi_temp_path logs/d; scgi_temp_path logs/e;'
  echo "log_format zip '\$request_uri \$status \$gzip_ratio'; access_log logs/access.log zip;"
  echo "server { listen 127.0.0.1:$plain; root shop/html; }"
  tls_server self "$self"
  tls_server expired "$expired"
  tls_server good "$good"
  echo '}'
} >nginx.conf
nginx -p "$WORK" -c nginx.conf -e logs/error.log &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true' EXIT
for _ in $(seq 100); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$good") 2>/dev/null; then break; fi
  kill -0 "$server" || { cat logs/error.log; exit 1; }
  sleep 0.1
done

vet() {
  local code=0
  "$CARDVET" vet --format json --allow-private --pace 50 --store store "$@" >>results.jsonl || code=$?
  # Whatever the grade; anything but a judgement is a failure.
  case $code in 0 | 1 | 3) ;; *) echo "vet $* ended with $code"; exit 1 ;; esac
}
vet "http://127.0.0.1:$plain/"
vet "https://127.0.0.1:$self/"
vet --ca-file ca.pem "https://127.0.0.1:$expired/"
vet --ca-file ca.pem "https://127.0.0.1:$good/"
"$CARDVET" store export --store store --format warc --out all.warc

"$PYTHON" - <<'PY'
import json
lines = [json.loads(line) for line in open("results.jsonl", encoding="utf-8")]
expected = [(None, None), ("self_signed", False), ("expired", False), ("none", True)]
assert len(lines) == len(expected), lines
for line, (problem, verified) in zip(lines, expected):
    facts = {fact["name"]: fact["value"] for fact in line["facts"]}
    pages = {page["url"]: page for page in line["pages"] if page["status"] == 200}
    print(line["target"], line["grade"], facts.get("tls.problem"), sorted({page["encoding"] for page in pages.values()}))
    assert facts.get("tls.problem") == problem, facts.get("tls.problem")
    assert facts.get("tls.verified") == verified
    assert "10046444" in facts["filing.icp_number"], facts
    assert len(pages) == 2, pages
    assert all(page["encoding"].lower() in ("gbk", "gb18030") for page in pages.values()), pages
    assert line["confirmed_identity"] is None, "nothing on loopback confirms who somebody is"
PY
echo "gzip was used:"
grep -E '^/(about.html)? 200 [0-9.]+$' logs/access.log | sort | uniq -c | head -n 4
[ "$(grep -cE '^/ 200 [0-9.]+$' logs/access.log)" -ge 4 ]

"$PYTHON" "$ROOT/tests/outside/archive/read_warc.py" all.warc shop/html 4
