"""The JSON of the demo, line by line, against the checked-in schema, by another implementation of JSON Schema."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

schema = json.loads((Path(os.environ["ROOT"]) / "src/report/assessment.schema.json").read_text(encoding="utf-8"))
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
demo = subprocess.run(
    [os.environ["CARDVET"], "demo", "--format", "json"],
    capture_output=True, text=True, check=True, timeout=240,
)
refused = subprocess.run(
    [os.environ["CARDVET"], "vet", "--no-keep", "--format", "json", "ftp://shop.test/"],
    capture_output=True, text=True, timeout=60,
)
assert refused.returncode == 2, refused
lines = [json.loads(line) for line in (demo.stdout + refused.stdout).splitlines()]
errors = []
for line in lines:
    errors += [f"{line.get('site', line['target'])} {e.json_path}: {e.message}" for e in validator.iter_errors(line)]
    if "ledger" in line and sum(step["points"] for step in line["ledger"]) != line["points"]:
        errors.append(f"{line['site']}: the ledger does not add up")
print(f"{len(lines)} lines, {len(errors)} errors")
print("\n".join(errors[:20]))
assert len(lines) >= 19, "the demo has at least 18 samples"
# A schema that takes everything would prove nothing.
for spoil in ({"grade": "fine"}, {"risk": 101}, {"surplus": 1}):
    broken = copy.deepcopy(lines[0])
    broken.update(spoil)
    assert not validator.is_valid(broken), f"{spoil} was taken"
sys.exit(1 if errors else 0)
