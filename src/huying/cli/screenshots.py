"""Make pictures of every page of the desk, for the documentation.

A district of its own is made in a database that is gone afterwards: the demo's people and cases.
Every picture is 1440 by 900 in Chinese; the pages one looks at most are there at night and on a
phone, too. It takes some minutes and needs Chromium and playwright.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

HELP = "make the pictures of docs/images"
NEEDS = "nothing"  # the pictures have a data folder and a server of their own


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to", type=Path, default=Path("docs/images"), metavar="DIR", help="where (docs/images)"
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these pages alone")
    parser.add_argument("--cases", type=int, default=600, metavar="N", help="of the demo (600)")


def run(options: argparse.Namespace) -> dict[str, Any]:
    from huying.benchmarks.bed import bed
    from huying.benchmarks.chromium import program
    from huying.scenarios import screenshots

    program()  # before a district is built for nothing
    wanted = set(options.only or ())
    if unknown := wanted - screenshots.names():
        from huying.cli import CommandError

        raise CommandError(
            f"no page is called {', '.join(sorted(unknown))}; "
            f"there are {', '.join(sorted(screenshots.names()))}"
        )
    with bed() as place:
        made = screenshots.take(place, options.to, wanted, cases=options.cases)
    size = sum(each.stat().st_size for each in made)
    return {
        "ok": True,
        "folder": str(options.to),
        "pictures": [each.name for each in made],
        "bytes": size,
    }


def text(result: dict[str, Any]) -> str:
    return (
        f"{len(result['pictures'])} pictures in {result['folder']}, {result['bytes'] / 1e6:.1f} MB"
    )
