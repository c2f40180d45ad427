#!/usr/bin/env python3
"""Fills in the files of one machine: ./render.py VALUES NODE FOLDER

VALUES is a file of NAME=value lines like cluster.env.example, NODE is a, b or c, FOLDER gets the
files. Needs nothing but Python. `huying bench failover` makes its own files with this program, so
what is measured is what stands here.
"""

import os
import sys
from pathlib import Path
from string import Template

HERE = Path(__file__).resolve().parent
FILES = ("etcd.yml", "patroni.yml", "huying.conf")
NODES = ("a", "b", "c")


def read(path: Path) -> "dict[str, str]":
    """The values of a file; what follows a # on a line of its own is a remark."""
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def render(values: "dict[str, str]", node: str, folder: Path) -> None:
    """Writes the files of a node, readable by their owner alone: they hold passwords.

    Raises:
        SystemExit: a value is missing.
    """
    own = {**values, "NODE": node, "ADDRESS": values[f"ADDRESS_{node.upper()}"]}
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in FILES:
        try:
            text = Template((HERE / name).read_text("utf-8")).substitute(own)
        except KeyError as error:
            raise SystemExit(f"{name} needs {error.args[0]}, which VALUES does not give.") from None
        target = folder / name
        target.unlink(missing_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(text)


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[2] not in NODES:
        raise SystemExit(__doc__)
    render(read(Path(sys.argv[1])), sys.argv[2], Path(sys.argv[3]))
