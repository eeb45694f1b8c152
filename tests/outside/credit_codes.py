"""Credit codes: python-stdnum and cardvet must agree on the check character of 600 random codes.

stdnum wants digits in the first eight places and checks neither department, region nor the organisation code inside, so
only codes that begin with a digit are compared, and only the verdict on form and check character. Codes made whole, with
the organisation's own check character (GB 11714), must have no failing at all.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

from stdnum.cn import uscc

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANISATION = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2]
REGIONS = ["110108", "310115", "330106", "440305", "350100", "510107", "650102", "100000"]
dice = random.Random(20261122)


def organisation_check(body):
    """The ninth character of an organisation code."""
    rest = 11 - sum(w * ORGANISATION.index(c) for w, c in zip(WEIGHTS, body)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def whole():
    """A code in which every check holds."""
    body = "".join(dice.choices(ALPHABET, k=8))
    code = dice.choice(["91", "92"]) + dice.choice(REGIONS) + body + organisation_check(body)
    return code + uscc.calc_check_digit(code)


def outer_only():
    """A code whose own check character holds, whatever stands inside."""
    code = "91" + dice.choice(REGIONS) + "".join(dice.choices(ALPHABET, k=9))
    return code + uscc.calc_check_digit(code)


def one_wrong():
    """A whole code with one character replaced by another."""
    code = list(whole())
    place = dice.randrange(2, 18)
    pool = "0123456789" if place < 8 else ALPHABET
    code[place] = dice.choice([c for c in pool if c != code[place]])
    return "".join(code)


def verdict(line):
    """What cardvet says: (accepted by form and check character, without any failing)."""
    fact = next((f for f in line["facts"] if f["name"] == "licence.uscc"), None)
    if fact is None:
        return False, False
    failing = fact.get("detail", "").split(";")[0].removeprefix("fails: ")
    fails = set(filter(None, failing.split(", ")))
    return not fails & {"grammar", "masked", "check_digit"}, fact["firmness"] != "malformed" and not fails


folder = Path(os.environ["WORK"])
codes = {}
for kind, make in (("whole", whole), ("outer", outer_only), ("wrong", one_wrong)):
    for number in range(200):
        name = f"{kind}-{number:03}.html"
        codes[name] = (kind, make())
        page = f"<html><body><h1>点卡</h1><footer>统一社会信用代码：{codes[name][1]}</footer></body></html>"
        (folder / name).write_text(page, encoding="utf-8")

run = subprocess.run(
    [os.environ["CARDVET"], "inspect", "--format", "json", "--url", "https://shop.test/", *codes],
    cwd=folder, capture_output=True, text=True, check=True, timeout=240,
)
lines = [json.loads(line) for line in run.stdout.splitlines()]
assert len(lines) == len(codes), f"{len(lines)} lines for {len(codes)} pages"
wrong = []
valid = 0
for line in lines:
    kind, code = codes[line["file"]]
    accepted, sound = verdict(line)
    oracle = uscc.is_valid(code)
    valid += oracle
    if accepted != oracle or (kind == "whole" and not sound):
        fact = next((f for f in line["facts"] if f["name"] == "licence.uscc"), None)
        wrong.append(f"{code} ({kind}): stdnum {oracle}, cardvet {accepted}, sound {sound}: {fact}")
print(f"{len(lines)} codes, {valid} valid by stdnum, {len(wrong)} disagreements")
print("\n".join(wrong[:20]))
# The sample itself must be worth something: plenty of either sort.
assert valid >= 400 and len(lines) - valid >= 150, "the codes are not mixed"
sys.exit(1 if wrong else 0)
