"""`huying scenario`: a story replayed with the real verbs."""

from __future__ import annotations

import argparse
import importlib
from typing import Any

HELP = "replay a story with the real verbs on its own clock"

STORIES = {
    "petrol": "Shiqi town, Xiaolong village, 11 July 2019, ten to eleven",
    "whistle": "a town calls three departments: 12 minutes, 25 minutes, never",
    "bounce": "returned twice, arbitrated by the level above, dispatched by force, closed",
    "night": "a case that nobody touches over a weekend climbs the ladder of supervision",
    "xianfeng": "a month in 先锋社区: 7,939 residents, a care list, members who come to a whistle",
    "aoyuan": "a month in 番奥社区: 23 branches, six teams, 800 suggestions",
}
"""Each story is a module of its name in `huying.scenarios` with `play` and `said`."""


def arguments(parser: argparse.ArgumentParser) -> None:
    words = "; ".join(f"{name}: {about}" for name, about in STORIES.items())
    parser.add_argument("story", choices=list(STORIES), help=words)


def run(options: argparse.Namespace) -> dict[str, Any]:
    from huying.cli import say

    story = importlib.import_module(f"huying.scenarios.{options.story}")
    result = story.play(
        lambda verb, what, by: say(f"{verb:<16} {by.name:<8} → {getattr(what, 'state', what)}")
    )
    return {"ok": result["chain"] == "ok", "story": options.story, **result}


def text(result: dict[str, Any]) -> str:
    story = importlib.import_module(f"huying.scenarios.{result['story']}")
    return str(story.said(result))
