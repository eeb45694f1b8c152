"""Reads a WARC file with warcio: digests, payloads against the files that were served, one name a record.

Usage: read_warc.py FILE FOLDER LOOKS
"""

import sys
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

path, folder, looks = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])


class Arguments:
    """What `warcio check FILE` would pass."""

    inputs = [path]
    verbose = False


assert Checker(Arguments()).process_all() == 0, "warcio found a wrong digest"
served = {"/" if f.name == "index.html" else f"/{f.name}": f.read_bytes() for f in folder.iterdir()}
names, kinds, bodies = set(), {}, 0
with open(path, "rb") as stream:
    for record in ArchiveIterator(stream):
        name = record.rec_headers.get_header("WARC-Record-ID")
        assert name not in names, f"{name} stands twice"
        names.add(name)
        kinds[record.rec_type] = kinds.get(record.rec_type, 0) + 1
        if record.rec_type != "response":
            continue
        uri = record.rec_headers.get_header("WARC-Target-URI")
        body = record.content_stream().read()
        if record.http_headers.get_statuscode() == "200":
            assert body == served["/" + uri.split("/", 3)[3]], f"{uri} is not what was served"
            bodies += 1
print(kinds, f"{bodies} bodies as served")
assert kinds["warcinfo"] == looks and kinds["metadata"] >= looks and bodies == 2 * looks
