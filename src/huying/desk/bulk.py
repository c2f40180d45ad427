"""Accepting or dispatching many cases at once: a look ahead, then each as its own step.

What is done is done by the verb's own form and function, one transaction a case, against the event
that the look ahead had seen. Each row is kept under the key of its preview (`cases.idempotency`):
sent twice it is done once, and the page of results is read from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.cases import flow
from huying.cases.deferring import undo_within
from huying.cases.idempotency import once
from huying.cases.models import Case, CaseEvent, IdempotencyKey
from huying.cases.undoing import undo
from huying.cases.verbs import events_since
from huying.desk import queue, undoing
from huying.desk.acting import perform
from huying.desk.buttons import ICONS, KEYS
from huying.desk.foreseeing import foresee
from huying.desk.forms import FORMS
from huying.desk.here import at_desk, me
from huying.dispatch.suggesting import Roster
from huying.errors import HuyingError, NotFound, StalePage, Words
from huying.people.acting import Actor
from huying.people.models import Role, Unit

VERBS = ("accept", "dispatch")
MOST = 100
"""Cases at once: as many as one can look through before pressing a button."""
LONGEST = 25
"""Digits of a case number."""

_KEPT = tuple(f"bulk.{verb}" for verb in VERBS)
_UNDO = "bulk.undo"
# The key says which row of which preview: whoever goes back and sends a row again with another
# choice is shown what was done, not refused for the difference.
_DIGEST = b""


def may_act(actor: Actor | None) -> bool:
    """Whether the post has a verb that can be done to many cases."""
    return actor is not None and actor.role == Role.DISPATCHER


class Offered(NamedTuple):
    """A verb as the bar under the queue shows it."""

    name: str
    label: Words
    icon: str
    key: str


def verbs() -> tuple[Offered, ...]:
    """The verbs of the bar under the queue."""
    return tuple(Offered(verb, flow.ROWS[verb].label, ICONS[verb], KEYS[verb]) for verb in VERBS)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def preview(request: HttpRequest, verb: str) -> HttpResponseBase:
    """What the verb would do to each of the cases selected.

    The numbers come in the body: an address stays in logs. With ``look`` the answer is the one
    row that it names, after something was chosen there.
    """
    actor, now = _guarded(request, verb), timezone.now()
    if request.method != "POST":
        return redirect("desk")
    if looked_at := _numbers(request, "look"):
        look = looked_at[0]
        found = foresee(verb, list(_cases(actor, [look]).values()), actor, now, request.POST)
        if not found:
            raise Http404
        # Choosing an item takes the line in; its other fields leave the box as it was.
        by_item = request.headers.get("HX-Trigger-Name", "").endswith("-item")
        left = not by_item and look not in request.POST.getlist("row")
        context: dict[str, Any] = {"verb": verb, "each": found[0], "unticked": left}
        return render(request, "desk/_bulk_row.html", context)
    numbers = _numbers(request, "number")
    if not numbers:
        messages.warning(request, _("No case is selected."))
        return redirect("desk")
    if len(numbers) > MOST:
        return _too_many(request, verb, len(numbers))
    known = _cases(actor, numbers)
    found = foresee(verb, list(known.values()), actor, now)
    context = {
        "actor": actor,
        "verb": verb,
        "label": flow.ROWS[verb].label,
        "icon": ICONS[verb],
        "token": uuid4(),
        "foreseen": found,
        "able": sum(1 for each in found if each.why_not is None),
        "ready": sum(1 for each in found if each.why_not is None and not each.lacks),
        "out": sum(1 for each in found if each.why_not is not None),
        "emergencies": sum(1 for each in found if each.why_not is None and each.emergency),
        "unknown": [number for number in numbers if number not in known],
        "units": _units_of_all(found),
        "now": now,
    }
    return render(request, "desk/bulk.html", context)


@require_POST
@at_desk
def run(request: HttpRequest, verb: str) -> HttpResponseBase:
    """Does it: each row for itself, whatever becomes of the others.

    Scripts send a few rows at a time under the same token and read how many were done; without
    them all come at once, and the answer is the page of results.
    """
    actor = _guarded(request, verb)
    token = _token(request)
    numbers = _numbers(request, "row")
    if len(numbers) > MOST:
        return _too_many(request, verb, len(numbers))
    if not numbers:
        messages.warning(request, _("No case is selected."))
        return redirect("desk")
    known = _cases(actor, numbers)
    sent, roster = request.POST.copy(), Roster()
    for number in numbers:
        # A row without the event that it had seen is older than any.
        sent.setdefault(f"{number}-expect_seq", "0")
        if verb == "dispatch" and (unit := sent.get("unit_for_all")):
            sent[f"{number}-unit"] = unit
        # Who leads does not assist: one unit for all may be one that a rule wants beside another.
        helpers = [
            pk for pk in sent.getlist(f"{number}-assist") if pk != sent.get(f"{number}-unit")
        ]
        sent.setlist(f"{number}-assist", helpers)
    answers = []
    for number in numbers:
        now = timezone.now()
        with once(_caller(actor), f"bulk.{verb}", _key(token, number), _DIGEST, now) as slot:
            if not slot.replayed:
                case = known.get(number)
                slot.case_id = case.pk if case is not None else None
                slot.answer = _do(verb, number, case, sent, actor, roster)
            answers.append(slot.answer)
    # A later step takes the place of the one before, whose bar would offer the same key.
    request.session.pop(undoing.KEPT, None)
    target = reverse("bulk_results", args=[token])
    if request.headers.get("Accept") == "application/json":
        done = sum(1 for answer in answers if _is_done(answer))
        return JsonResponse({"done": done, "refused": len(answers) - done, "results": target})
    return redirect(target)


def _do(
    verb: str, number: str, case: Case | None, sent: QueryDict, actor: Actor, roster: Roster
) -> Mapping[str, Any]:
    """One row: what is kept of it, which is ids and codes, and the sentence of a refusal."""
    now = timezone.now()
    if case is None:
        return {"words": str(NotFound())}
    form = FORMS[verb](sent, prefix=number, case=case, actor=actor, now=now, roster=roster)
    if not form.is_valid():
        words = " ".join(str(each) for errors in form.errors.values() for each in errors)
        # A form's error may quote what was sent, and the database keeps no NUL.
        return {"words": words.replace("\0", "")[:300]}
    try:
        after = perform(verb, case, form, by=actor, now=now)
    except StalePage as stale:
        since = stale.extra.get("since", [])
        last = since[-1]["seq"] if since else case.last_seq
        return {"words": str(stale), "seen": form.cleaned_data["expect_seq"], "last": last}
    except HuyingError as error:
        return {"words": str(error)}
    return {
        "seq": after.last_seq,
        "post": actor.post_id,
        "unit": after.lead_unit_id,
        "assist": [int(pk) for pk in after.parts],
        "until": (now + undo_within()).timestamp(),
    }


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row.

    Attributes:
        words: why it was not done; empty when it was.
        since: what others did after the preview had seen the case.
        undo_words: why it could not be taken back.
        left: seconds in which it can still be taken back.
    """

    number: str
    case: Case | None
    place: str
    done: bool
    words: str
    since: Sequence[Mapping[str, Any]]
    seq: int
    unit: Unit | None
    assisting: Sequence[Unit]
    undone: bool
    undo_words: str
    left: int


@require_safe
@at_desk
def results(request: HttpRequest, token: UUID) -> HttpResponseBase:
    """What became of each row, the refused first. A reload shows it again and does nothing."""
    actor = me(request)
    verb, rows = _results(actor, token)
    undoable = [row for row in rows if row.left]
    context = {
        "actor": actor,
        "verb": verb,
        "label": flow.ROWS[verb].label,
        "icon": ICONS[verb],
        "token": token,
        "rows": rows,
        "done": [row for row in rows if row.done and not row.undone],
        "refused": [row for row in rows if not row.done],
        "undone": [row for row in rows if row.undone],
        # All can be taken back until the first cannot.
        "left": min((row.left for row in undoable), default=0),
        "undoable": len(undoable),
        "dispatch": flow.ROWS["dispatch"].label,
    }
    return render(request, "desk/bulk_results.html", context)


@require_POST
@at_desk
def take_all_back(request: HttpRequest, token: UUID) -> HttpResponseBase:
    """Takes back every row of a run that still can be; the page of results says which could not."""
    actor = me(request)
    _verb, rows = _results(actor, token)
    count = 0
    for row in rows:
        if not row.done or row.undone:
            continue
        now = timezone.now()
        with once(_caller(actor), _UNDO, _key(token, row.number), _DIGEST, now) as slot:
            if slot.replayed:
                continue
            slot.answer, slot.case_id = {}, row.case.pk if row.case is not None else None
            try:
                if row.case is None:
                    raise NotFound()
                undo(row.case.pk, by=actor, now=now, expect_seq=row.seq)
                count += 1
            except HuyingError as error:
                slot.answer = {"words": str(error)}
    if count:
        words = ngettext("%(n)s case is as before.", "%(n)s cases are as before.", count)
        messages.success(request, words % {"n": count})
    return redirect("bulk_results", token=token)


def _results(actor: Actor, token: UUID) -> tuple[str, list[Result]]:
    """The verb and the rows of a run, for whoever ran it.

    Raises:
        Http404: there was no such run, or it was another's.
    """
    kept = IdempotencyKey.objects.filter(
        caller=_caller(actor), verb__in=[*_KEPT, _UNDO], key__startswith=_key(token, "")
    ).order_by("pk")
    ran: dict[str, Any] = {_number(each.key): each.answer for each in kept if each.verb != _UNDO}
    if not ran:
        raise Http404
    verb = next(each.verb for each in kept if each.verb != _UNDO).removeprefix("bulk.")
    tried: dict[str, Any] = {_number(each.key): each.answer for each in kept if each.verb == _UNDO}
    cases = _cases(actor, list(ran))
    units = Unit.objects.in_bulk(
        {pk for each in ran.values() for pk in (each.get("unit"), *each.get("assist", ())) if pk}
    )
    undone = set(
        CaseEvent.objects.filter(
            case_id__in=[case.pk for case in cases.values()], verb="undo"
        ).values_list("case_id", "data__undoes")
    )
    now = timezone.now().timestamp()
    found = []
    for number, answer in ran.items():
        case, done = cases.get(number), _is_done(answer)
        taken_back = case is not None and (case.pk, answer.get("seq")) in undone
        left = answer.get("until", 0) - now
        mine = answer.get("post") == actor.post_id
        may = done and mine and not taken_back and number not in tried and left > 0
        found.append(
            Result(
                number=number,
                case=case,
                place=queue.short_place(case.area_code) if case is not None else "",
                done=done,
                words=answer.get("words", ""),
                since=_since(case, answer),
                seq=answer.get("seq", 0),
                unit=units.get(answer.get("unit")) if verb == "dispatch" else None,
                assisting=[units[pk] for pk in answer.get("assist", ()) if pk in units],
                undone=taken_back,
                undo_words=tried.get(number, {}).get("words", ""),
                left=int(left) + 1 if may else 0,
            )
        )
    return verb, sorted(found, key=lambda row: row.done)


def _since(case: Case | None, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Who did what between the preview and the refusal. Names are looked up, never kept."""
    if case is None or "seen" not in answer:
        return []
    return [each for each in events_since(case, answer["seen"]) if each["seq"] <= answer["last"]]


def _units_of_all(found: Sequence[Any]) -> list[dict[str, Any]]:
    """Every unit that one of the cases could go to, with how many could."""
    units: dict[str, dict[str, Any]] = {}
    for each in found:
        for unit in each.units:
            known = units.setdefault(unit["value"], {**unit, "cases": 0})
            known["cases"] += 1
    return sorted(units.values(), key=lambda unit: (-unit["cases"], unit["name"]))


def _guarded(request: HttpRequest, verb: str) -> Actor:
    """Who acts, on a post that may act on many.

    Raises:
        Http404: no such verb for many.
        PermissionDenied: the post has none.
    """
    if verb not in VERBS:
        raise Http404
    actor = me(request)
    if not may_act(actor):
        raise PermissionDenied
    return actor


def _cases(actor: Actor, numbers: Sequence[str]) -> dict[str, Case]:
    """The cases of these numbers that the post may see, the least time left first."""
    cases = Case.objects.visible_to(actor).for_pages().filter(number__in=numbers)
    return {case.number: case for case in cases.by_time_left()}


def _numbers(request: HttpRequest, name: str) -> list[str]:
    """The case numbers sent, each once; what is none is no number of a case."""
    sent = request.POST.getlist(name)
    numbers = [each for each in sent if each.isascii() and each.isdigit() and len(each) <= LONGEST]
    return list(dict.fromkeys(numbers))


def _token(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("token", ""))
    except ValueError:
        raise Http404 from None


def _too_many(request: HttpRequest, verb: str, count: int) -> HttpResponse:
    words = _("%(n)s cases are selected, and at most %(most)s can be done at once.")
    context = {
        "actor": me(request),
        "label": flow.ROWS[verb].label,
        "refusal": words % {"n": count, "most": MOST},
    }
    return render(request, "desk/bulk_refused.html", context, status=422)


def _caller(actor: Actor) -> str:
    return f"account:{actor.account_id}"


def _key(token: UUID, number: str) -> str:
    return f"{token.hex}.{number}"


def _number(key: str) -> str:
    return key.partition(".")[2]


def _is_done(answer: Mapping[str, Any]) -> bool:
    return "words" not in answer
