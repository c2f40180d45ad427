"""`huying case show NUMBER`: a case with its deadlines and its events; `huying case erase`."""

from __future__ import annotations

import argparse
import contextlib
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huying.cases.models import Case

HELP = "show a case with its events; erase words or contacts of one"


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    show = verbs.add_parser("show", help="show one case; contacts stay masked")
    show.add_argument("number", help="the case number, or its id")
    erase = verbs.add_parser(
        "erase",
        help="erase the words or contacts of a case for good; the event log stays whole",
    )
    erase.add_argument("number", help="the case number, or its id")
    erase.add_argument("--texts", action="store_true", help="all words that came with it")
    erase.add_argument(
        "--contacts", action="store_true", help="who reported, and how to reach them"
    )
    erase.add_argument("--yes", action="store_true", help="do not ask")


def run(options: argparse.Namespace) -> dict[str, Any]:
    from huying.cases.describing import describe

    case = _find(options.number)
    if options.verb == "erase":
        return _erase(case, options)
    return describe(case)


def _erase(case: Case, options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.cases.erasing import erase
    from huying.cli import say
    from huying.people.acting import SYSTEM

    texts = [row.pk for row in case.texts.all()] if options.texts else []
    contacts = [row.pk for row in case.contacts.all()] if options.contacts else []
    if not options.yes:
        say(f"{len(texts)} texts and {len(contacts)} contacts of {case.number} go for good.")
        if input("Type the case number to go on: ").strip() != case.number:
            return {"ok": False, "number": case.number, "erased": 0}
    erase(case, by=SYSTEM, now=timezone.now(), texts=texts, contacts=contacts)
    return {"ok": True, "number": case.number, "erased": len(texts) + len(contacts)}


def _find(number: str) -> Case:
    """The case of this number or id. Raises NotFound."""
    from django.db.models import Q

    from huying.cases.models import Case
    from huying.errors import NotFound

    known_as = number.strip()
    if not known_as.isprintable():
        raise NotFound()
    wanted = Q(number=known_as)
    with contextlib.suppress(ValueError):
        wanted |= Q(pk=uuid.UUID(known_as))
    case = Case.objects.for_pages().filter(wanted).first()
    if case is None:
        raise NotFound()
    return case


def text(result: dict[str, Any]) -> str:
    if "erased" in result:
        return f"{result['number']}: {result['erased']} erased"
    lines = [f"{result['number']}  {result['state_label']}  {result['item_name']}".rstrip()]
    lines += [f"{result['place']}  {result['address']}".rstrip()]
    lines += [f"  {sentence}" for sentence in result["why_due"]]
    lines += [
        f"{event['seq']:>3}  {event['at'][:16].replace('T', ' ')}  {event['label']}  {event['by']}"
        for event in result["events"]
    ]
    return "\n".join(lines)
