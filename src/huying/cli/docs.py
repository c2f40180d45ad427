"""`huying docs flow`: the page docs/flow.md, made from the flow table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HELP = "write the documentation that is made from the program"
NEEDS = "django"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("page", choices=["flow"])
    parser.add_argument("--out", type=Path, help="write to this file instead of standard output")


def run(options: argparse.Namespace) -> None:
    from huying.cases.diagram import flow_page

    page = flow_page()
    if options.out is None:
        sys.stdout.write(page)
    else:
        options.out.write_text(page, encoding="utf-8")
