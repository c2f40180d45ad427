"""`huying scenario`: a story replayed with the real verbs."""

from __future__ import annotations

import argparse
from typing import Any

HELP = "replay a story with the real verbs on its own clock"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "story",
        choices=["petrol"],
        help="petrol: Shiqi town, Xiaolong village, 11 July 2019, ten to eleven",
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    from huying.cli import say
    from huying.scenarios import petrol

    result = petrol.play(lambda verb, case, by: say(f"{verb:<12} {by.name:<8} → {case.state}"))
    return {"ok": result["chain"] == "ok", **result}


def text(result: dict[str, Any]) -> str:
    return (
        f"{result['case']}: on the spot after {result['minutes_to_arrival']} minutes, "
        f"closed after {result['minutes_to_close']}; chain {result['chain']}"
    )
