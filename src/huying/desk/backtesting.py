"""Holding a version of the rules against past cases: asked for, watched, and read."""

from __future__ import annotations

import logging
import uuid
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST
from procrastinate.contrib.django import app

from huying.cases.models import Case
from huying.clock.reading import calendar_for
from huying.desk.here import me
from huying.desk.resent import once_for_form
from huying.desk.rules import at_rules, day_of, district_of, may_change, refused, row_or_404
from huying.dispatch import backtest
from huying.dispatch.models import Backtest, Rulebook
from huying.dispatch.rulebook import in_force, rules_of
from huying.dispatch.ruling import Book
from huying.errors import BadInput, WrongState
from huying.people.acting import Actor
from huying.people.turns import QUIET, has_room

log = logging.getLogger(__name__)

AT_ONCE = 2
"""So many may wait or run for one person."""

_UNFINISHED = (Backtest.State.WAITING, Backtest.State.RUNNING)


@require_POST
@at_rules
@once_for_form()
def start(request: HttpRequest, version: int) -> HttpResponseBase:
    """Asks the worker to replay the cases of a period."""
    actor, now = me(request), timezone.now()
    row = row_or_404(actor, version)
    if not may_change(actor) or actor.account_id is None or actor.post_id is None:
        raise Http404
    since, until = day_of(request, "since"), day_of(request, "until")
    if since is None or until is None or until < since:
        return refused(request, BadInput(_("Please choose a first and a last day.")))
    with transaction.atomic():
        busy = Backtest.objects.filter(state__in=_UNFINISHED, touched_at__gt=now - QUIET)
        if not has_room(actor.account_id, busy, most=AT_ONCE):
            return refused(request, WrongState(_("Two runs are under way for you already.")))
        made = Backtest.objects.create(
            book=row,
            account_id=actor.account_id,
            post_id=actor.post_id,
            since=since,
            until=until,
            asked_at=now,
            touched_at=now,
        )
        replay.defer(backtest_id=str(made.pk))
    return redirect("backtest", made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@at_rules
def read(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """GET: how far it is, and what came of it. POST: cancels it."""
    actor, now = me(request), timezone.now()
    found = get_object_or_404(
        Backtest.objects.select_related("book", "account"),
        pk=pk,
        book__district_code=district_of(actor),
    )
    if not may_change(actor) and found.book.state != Rulebook.State.PUBLISHED:
        raise Http404
    if request.method == "POST":
        if not may_change(actor):
            raise Http404
        Backtest.objects.filter(pk=pk, state__in=_UNFINISHED).update(state=Backtest.State.CANCELLED)
        return redirect("backtest", pk)
    busy = found.state in _UNFINISHED
    context: dict[str, Any] = {
        "actor": actor,
        "found": found,
        "busy": busy,
        "percent": 100 * found.done // found.total if found.total else 0,
        "quiet": busy and now - found.touched_at > QUIET,
        "may_change": may_change(actor),
    }
    if found.result is not None:
        context |= _told(found, actor)
    page = "_backtest.html" if "rows" in request.GET else "backtest.html"
    return render(request, f"desk/rules/{page}", context)


MOST_UNITS = 60
MOST_SHOWN = 50


def _told(found: Backtest, actor: Actor) -> dict[str, Any]:
    """The result as the page shows it: units by numbers, single cases to who may see them."""
    result: dict[str, Any] = found.result or {}
    changed = [each for each in result["units"] if each["before"] != each["after"]]
    most = max((max(each["before"], each["after"]) for each in changed), default=0)
    samples = {each["case"]: each for each in result["samples"]}
    seen = Case.objects.visible_to(actor).filter(pk__in=list(samples))
    return {
        "result": result,
        "share": 100 * result["moved"] / result["cases"] if result["cases"] else 0,
        "units": [each | {"by": each["after"] - each["before"]} for each in changed[:MOST_UNITS]],
        "more_units": max(0, len(changed) - MOST_UNITS),
        "most": most,
        "cases": [
            (case, samples[str(case.pk)])
            for case in seen.select_related("item_version").order_by("-received_at")[:MOST_SHOWN]
        ],
    }


@app.task(name="replay_rules", queue="exports")
def replay(backtest_id: str) -> int:
    """Runs one backtest; the cases looked at. A cancelled or repeated job does nothing."""
    claimed = Backtest.objects.filter(pk=backtest_id, state=Backtest.State.WAITING).update(
        state=Backtest.State.RUNNING, touched_at=datetime.now(UTC)
    )
    if not claimed:
        return 0
    run = Backtest.objects.select_related("book").get(pk=backtest_id)
    try:
        return _replay(run)
    except Exception:
        Backtest.objects.filter(pk=run.pk, state=Backtest.State.RUNNING).update(
            state=Backtest.State.FAILED
        )
        raise


def _replay(run: Backtest) -> int:
    district = run.book.district_code
    running = Backtest.objects.filter(pk=run.pk, state=Backtest.State.RUNNING)
    running.update(total=backtest.cases_of(district, run.since, run.until).count())
    done = 0

    def told(cases: int) -> bool:
        nonlocal done
        done += cases
        return bool(running.update(done=done, touched_at=datetime.now(UTC)))

    published = in_force(district, datetime.now(UTC))
    base = published.book if published else Book((), tuple(calendar_for(district).hours))
    result = backtest.run(district, rules_of(run.book), base, run.since, run.until, advance=told)
    if result is None:
        return 0
    ready = datetime.now(UTC)
    running.update(
        state=Backtest.State.READY,
        result=result | {"base": published.version if published else None},
        done=result["cases"],
        total=result["cases"],
        ready_at=ready,
        touched_at=ready,
    )
    return done
