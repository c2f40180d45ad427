"""`huying case show NUMBER`: a case with its deadlines and its events."""

from __future__ import annotations

import argparse
import contextlib
import uuid
from typing import Any

HELP = "show a case, its deadlines and its events"


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    show = verbs.add_parser("show", help="show one case; contacts stay masked")
    show.add_argument("number", help="the case number, or its id")


def run(options: argparse.Namespace) -> dict[str, Any]:
    from django.db.models import Q

    from huying.cases.describing import describe
    from huying.cases.models import Case
    from huying.errors import NotFound

    known_as = options.number.strip()
    if not known_as.isprintable():
        raise NotFound()
    wanted = Q(number=known_as)
    with contextlib.suppress(ValueError):
        wanted |= Q(pk=uuid.UUID(known_as))
    case = Case.objects.for_pages().filter(wanted).first()
    if case is None:
        raise NotFound()
    return describe(case)


def text(result: dict[str, Any]) -> str:
    lines = [f"{result['number']}  {result['state_label']}  {result['item_name']}".rstrip()]
    lines += [f"{result['place']}  {result['address']}".rstrip()]
    lines += [f"  {sentence}" for sentence in result["why_due"]]
    lines += [
        f"{event['seq']:>3}  {event['at'][:16].replace('T', ' ')}  {event['label']}  {event['by']}"
        for event in result["events"]
    ]
    return "\n".join(lines)
