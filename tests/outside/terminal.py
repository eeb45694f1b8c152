"""What only a terminal sees: colours when they are wanted, none with NO_COLOR or TERM=dumb, and its width."""

import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unicodedata
from fcntl import ioctl

CODES = re.compile(r"\x1b\[[0-9;]*m")
SAMPLE = "xiaohei-kameng"


def shown(columns, **variables):
    """The output of a demo of one sample on a pseudo-terminal of this width."""
    parent, child = pty.openpty()
    ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "TERM")}
    env.update({"TERM": "xterm-256color", "LANG": "zh_CN.UTF-8"}, **variables)
    run = subprocess.Popen(
        [os.environ["CARDVET"], "demo", SAMPLE], stdin=subprocess.DEVNULL, stdout=child, stderr=subprocess.DEVNULL, env=env
    )
    os.close(child)
    data = b""
    while True:
        try:
            part = os.read(parent, 65536)
        except OSError:  # Linux says EIO when the other end has gone.
            break
        if not part:
            break
        data += part
    os.close(parent)
    assert run.wait(timeout=120) == 0
    return data.decode("utf-8").replace("\r\n", "\n")


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in CODES.sub("", line))


colour = shown(90)
assert CODES.search(colour), "a terminal gets colours"
assert "\x1b" not in CODES.sub("", colour), "nothing but colours"
for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
    assert "\x1b" not in shown(90, **variables), variables
assert CODES.search(shown(90, NO_COLOR="")), "an empty NO_COLOR says nothing"
widest = {}
for columns in (60, 90):
    widest[columns] = max(map(width, shown(columns).splitlines()))
    assert widest[columns] <= columns, widest
widest["COLUMNS=70"] = max(map(width, shown(90, COLUMNS="70").splitlines()))
assert widest["COLUMNS=70"] <= 70, widest
print("widest lines:", widest)
sys.exit(0)
