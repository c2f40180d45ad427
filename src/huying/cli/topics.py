"""Topics: many reports of one problem at one place, gathered.

huying topics build                               the cases of this installation, as the worker does
huying topics build --source messages --file CSV  a table of messages; nothing of it is stored

The table has the columns id, user, time, subject, text, and likes where there are any. What
comes out are the hottest topics with their members' ids, and why those belong
together; docs/topics.md says how.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

HELP = "gather reports of one problem into topics"
NEEDS = "django"

MESSAGES = Path("../shared/data/resident_messages.csv")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verb and what it takes."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    build = verbs.add_parser("build", help="gather, and print the hottest", description=__doc__)
    build.add_argument(
        "--source", choices=("cases", "messages"), default="cases", help="default: cases"
    )
    build.add_argument(
        "--file", type=Path, default=MESSAGES, help=f"the table of messages (default: {MESSAGES})"
    )
    build.add_argument("--top", type=int, default=10, metavar="N", help="how many (default: 10)")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Gather."""
    return _messages(options) if options.source == "messages" else _cases(options)


def _cases(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.cli import needed

    began = time.monotonic()
    with needed("data"):
        from huying.topics.building import build
        from huying.topics.models import Topic, TopicMember

        made = build(now=timezone.now())
        found = Topic.objects.filter(state=Topic.State.OPEN, reports__gt=0)
        members = TopicMember.objects.filter(removed_at=None)
        top = [
            {
                "rank": rank,
                "title": topic.title,
                "heat": topic.heat,
                "reports": topic.reports,
                "people": topic.people,
                "members": list(members.filter(topic=topic).values_list("case__number", flat=True)),
            }
            for rank, topic in enumerate(found.order_by("-heat")[: options.top], 1)
        ]
        read = members.filter(topic__in=found).count()
        return {
            "ok": True,
            "source": "cases",
            "read": read,
            "new": made,
            "topics": found.count(),
            "top": top,
            "seconds": round(time.monotonic() - began, 2),
        }


def _messages(options: argparse.Namespace) -> dict[str, Any]:
    from huying.cli import CommandError, say
    from huying.intake.messages import Failure, encoding_of, messages_in
    from huying.topics.gathering import gather
    from huying.topics.heat import heat
    from huying.topics.reading import Report

    path: Path = options.file
    if not path.is_file():
        raise CommandError(f"there is no file {path}")
    began = time.monotonic()
    reports = []
    for row in messages_in(path, encoding_of(path)):
        if isinstance(row, Failure):
            say(f"line {row.line}: {row.reason}")
            continue
        reports.append(
            Report(id=row.id, at=row.at, text=row.text, person=row.user, likes=row.likes)
        )
    reports.sort(key=lambda each: (each.at, each.id))
    found = gather(reports)
    now = max((each.at for each in reports), default=None)
    topics: list[dict[str, Any]] = []
    for each in found:
        assert now is not None
        heated = heat(each.members, now)
        topics.append(
            {
                "title": each.title,
                "heat": heated.value,
                "reports": heated.reports,
                "people": heated.people,
                "likes": heated.likes,
                "week": heated.week,
                "week_before": heated.before,
                "days": heated.days,
                "from": min(member.at for member in each.members),
                "to": max(member.at for member in each.members),
                "reasons": {
                    "names": dict(each.names),
                    "words": dict(each.words),
                    "likeness": each.alike,
                },
                "members": [member.id for member in each.members],
            }
        )
    topics.sort(key=lambda topic: (-topic["heat"], topic["members"][0]))
    return {
        "ok": True,
        "source": "messages",
        "read": len(reports),
        "topics": len(topics),
        "top": [{"rank": rank, **topic} for rank, topic in enumerate(topics[: options.top], 1)],
        "seconds": round(time.monotonic() - began, 2),
    }


def text(result: dict[str, Any]) -> str:
    """A result for people."""
    lines = [
        f"{topic['rank']:>3}  {topic['heat']:>6}  {topic['reports']:>4}  {topic['title']}"
        for topic in result["top"]
    ]
    return "\n".join(
        [*lines, f"{result['read']} reports, {result['topics']} topics ({result['seconds']} s)"]
    )
