"""Dry runs and runs: by command, as a job from the page, and in the night."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from huying.audit import access
from huying.cases.models import Case
from huying.errors import NotFound, WrongState
from huying.people.acting import SYSTEM, Actor
from huying.people.powers import Power, Subject, require
from huying.retention import deciding, finding
from huying.retention.deciding import Setting
from huying.retention.models import RetentionRun
from huying.retention.rules import BY_CODE, Rule

log = logging.getLogger(__name__)

BATCH: Final = 200
STANDS_STILL: Final = timedelta(minutes=30)
"""A run that has told nothing for so long has died."""

Advance = Callable[[int], None]
State = RetentionRun.State


def begin(
    *, dry: bool, by: Actor, now: datetime, rules: Iterable[str] = (), nightly: bool = False
) -> RetentionRun:
    """A row for a run; of the rules named, else of all in a dry run, and of those that are on.

    Raises:
        NotFound: a rule that there is not.
        WrongState: a rule that nobody has switched on is to be run.
    """
    wanted = list(dict.fromkeys(rules))
    if unknown := set(wanted) - set(BY_CODE):
        raise NotFound(_("There is no such rule."), rules=sorted(unknown))
    on = {each.rule.code for each in deciding.settings() if each.on}
    if not dry and (off := [code for code in wanted if code not in on]):
        raise WrongState(_("A rule runs only once it was switched on."), rules=off)
    codes = wanted or [each for each in BY_CODE if dry or each in on]
    return RetentionRun.objects.create(
        dry=dry,
        nightly=nightly,
        state=State.WAITING,
        asked_by_id=by.account_id,
        asked_at=now,
        touched_at=now,
        rules=codes,
    )


def ask_dry(*, by: Actor, now: datetime) -> RetentionRun:
    """A dry run of all rules, done by the worker; the page shows how far it is.

    Raises:
        NotAllowed: by nobody who sets this up.
        WrongState: one is under way.
    """
    require(by, Power.CHANGE, Subject.RETENTION)
    busy = RetentionRun.objects.filter(dry=True, state__in=[State.WAITING, State.RUNNING])
    if busy.filter(touched_at__gt=now - STANDS_STILL).exists():
        raise WrongState(_("A dry run is under way; please wait for it."))
    with transaction.atomic():
        busy.update(state=State.FAILED, ended_at=now)
        run = begin(dry=True, by=by, now=now)
        run_retention.defer(run_id=str(run.pk))
    return run


@app.task(name="run_retention", queue="exports")
def run_retention(run_id: str) -> int:
    """Does a run that was asked for."""
    run = RetentionRun.objects.get(pk=run_id)
    return do(run, now=datetime.now(UTC)) if run.state == State.WAITING else 0


def do(
    run: RetentionRun,
    *,
    now: datetime,
    by: Actor = SYSTEM,
    batch: int = BATCH,
    advance: Advance = lambda steps: None,
) -> int:
    """Runs it to its end, rule by rule; how many rows went, or would.

    Raises:
        WrongState: another run is taking things away just now.
    """
    if not run.dry:
        dead = RetentionRun.objects.filter(dry=False, state=State.RUNNING)
        dead.filter(touched_at__lt=now - STANDS_STILL).update(state=State.FAILED, ended_at=now)
    try:
        with transaction.atomic():
            RetentionRun.objects.filter(pk=run.pk).update(state=State.RUNNING, touched_at=now)
    except IntegrityError as error:
        run.delete()
        raise WrongState(_("A run is under way.")) from error
    gone = 0
    try:
        for number, code in enumerate(run.rules, start=1):
            told = _rule(deciding.setting(code), run.dry, now, by, batch)
            run.result[code] = told
            gone += told["gone" if not run.dry else "due"]
            run.done = number
            run.touched_at = datetime.now(UTC)
            run.save(update_fields=["result", "done", "touched_at"])
            advance(1)
        run.state = State.DONE
    except Exception:
        run.state = State.FAILED
        raise
    finally:
        run.ended_at = datetime.now(UTC)
        run.save(update_fields=["state", "ended_at"])
    return gone


def _rule(what: Setting, dry: bool, now: datetime, by: Actor, batch: int) -> dict[str, Any]:
    """One rule: what was found by year and reason, and how many rows went."""
    rule, days = what.rule, what.days
    found = finding.count(rule, days, now)
    told: dict[str, Any] = {
        "days": days,
        "due": found.due,
        "held": found.held,
        "years": found.years,
        "sample": found.sample,
        "gone": 0,
    }
    if dry:
        return told
    for case, keys in finding.batches(rule, days, now, batch):
        told["gone"] += _of_case(rule, days, case, now) if case else _rows(rule, days, keys, now)
    if told["gone"]:
        access.record(
            action="retention_erase",
            subject_type="retention",
            subject_id=rule.code,
            now=now,
            by=by,
            purpose="retention",
            fields=[f"rows={told['gone']}", f"days={days}"],
        )
    return told


def _of_case(rule: Rule, days: int, case: UUID, now: datetime) -> int:
    """One case, asked again under its lock: somebody may have reopened it meanwhile."""
    with transaction.atomic():
        Case.objects.select_for_update(of=("self",)).get(pk=case)
        keys = list(finding.due(rule, days, now).filter(case_id=case).values_list("pk", flat=True))
        return rule.erase(keys, case, now) if keys else 0


def _rows(rule: Rule, days: int, keys: list[UUID], now: datetime) -> int:
    """Some rows, asked again in the transaction that takes them."""
    with transaction.atomic():
        due = finding.due(rule, days, now).filter(pk__in=keys)
        due = due if rule.unchanging else due.select_for_update(of=("self",))
        locked = list(due.values_list("pk", flat=True))
        return rule.erase(locked, None, now) if locked else 0


def nightly(*, now: datetime) -> int:
    """The run of every night: of those rules alone that were switched on."""
    if not any(each.on for each in deciding.settings()):
        return 0
    return do(begin(dry=False, by=SYSTEM, now=now, nightly=True), now=now)
