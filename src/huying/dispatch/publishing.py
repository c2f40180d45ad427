"""How rules come to hold: a draft is written, checked, and published by a second person.

Who publishes has neither edited nor checked it. A published version is never changed; another one
takes its place from its own date on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.clock.calendar import CIVIL_TZ
from huying.dispatch import grammar
from huying.dispatch.models import Rulebook
from huying.dispatch.proving import Finding, prove
from huying.dispatch.rulebook import announce, in_force, rules_of, version_of, world_of
from huying.dispatch.rules import Rule, as_data, proved
from huying.errors import BadInput, NotAllowed, NotFound, WrongState
from huying.people.acting import Actor
from huying.people.models import LEADERS, Role


class NotProved(WrongState):
    """There are findings; ``extra['findings']`` counts them."""

    code = "rules_not_proved"
    sentence = _("These rules cannot be published; the findings say why.")


def may_read(by: Actor) -> bool:
    """Whoever sets rules, lives with them or watches over them: administrators, dispatchers,
    leaders, auditors, and the system itself."""
    readers = {Role.ADMINISTRATOR, Role.DISPATCHER, Role.AUDITOR, *LEADERS}
    return by.is_system or by.role in readers


def may_change(by: Actor, district_code: str) -> bool:
    """Administrators of the district, and the system itself."""
    return by.is_system or (by.role == Role.ADMINISTRATOR and by.covers(district_code))


def _only_administrators(by: Actor, district_code: str) -> None:
    if not may_change(by, district_code):
        raise NotAllowed(_("Only an administrator may change the rules."))


@transaction.atomic
def begin(district_code: str, *, by: Actor, now: datetime, after: int | None = None) -> Rulebook:
    """A new draft with the rules of a published version, or of the one in force.

    Raises:
        NotAllowed: no administrator of the district.
    """
    _only_administrators(by, district_code)
    base = in_force(district_code, now) if after is None else version_of(district_code, after)
    known = Rulebook.objects.filter(district_code=district_code)
    newest = known.aggregate(newest=Max("version"))["newest"] or 0
    return Rulebook.objects.create(
        district_code=district_code,
        version=newest + 1,
        rules=[as_data(rule) for rule in base.book.rules] if base is not None else [],
        based_on=base.version if base is not None else None,
        created_at=now,
        changed_at=now,
    )


@transaction.atomic
def write(row: Rulebook, rules: Iterable[Rule], *, by: Actor, now: datetime) -> Rulebook:
    """Puts these rules in place of the draft's.

    Raises:
        NotAllowed: no administrator of the district.
        WrongState: it is no draft any more.
        InvalidRule: one of them is none.
    """
    found = _locked(row, by, Rulebook.State.DRAFT)
    found.rules = [as_data(rule) for rule in proved(rules)]
    found.changed_at = now
    if by.account_id is not None and by.account_id not in found.editors:
        found.editors = [*found.editors, by.account_id]
    found.save()
    return found


def write_text(row: Rulebook, text: str, *, by: Actor, now: datetime) -> Rulebook:
    """The same, from the written form."""
    return write(row, grammar.read(text), by=by, now=now)


def put(row: Rulebook, rule: Rule, *, instead_of: str = "", by: Actor, now: datetime) -> Rulebook:
    """Adds a rule to a draft, or puts it in the place of the one of this code.

    Raises:
        InvalidRule: another rule has its code.
    """
    rules = list(rules_of(row))
    at = next((n for n, each in enumerate(rules) if each.code == instead_of), None)
    if at is None:
        rules.append(rule)
    else:
        rules[at] = rule
    return write(row, rules, by=by, now=now)


def take_out(row: Rulebook, code: str, *, by: Actor, now: datetime) -> Rulebook:
    """Takes a rule out of a draft."""
    return write(row, [each for each in rules_of(row) if each.code != code], by=by, now=now)


def findings(row: Rulebook, now: datetime) -> list[Finding]:
    """What speaks against publishing this version, as things stand now."""
    return prove(rules_of(row), world_of(row.district_code, now))


@transaction.atomic
def check(row: Rulebook, *, by: Actor, now: datetime) -> Rulebook:
    """Says that the draft is ready; from then on it is not edited.

    Raises:
        NotAllowed, WrongState: as `write`.
        NotProved: there are findings.
    """
    found = _locked(row, by, Rulebook.State.DRAFT)
    _require_proved(found, now)
    found.state, found.checked_by, found.checked_at = Rulebook.State.CHECKED, by.account_id, now
    found.save()
    return found


@transaction.atomic
def reopen(row: Rulebook, *, by: Actor, now: datetime) -> Rulebook:
    """Makes a draft of a checked version again."""
    found = _locked(row, by, Rulebook.State.CHECKED)
    found.state, found.checked_by, found.checked_at = Rulebook.State.DRAFT, None, None
    found.changed_at = now
    found.save()
    return found


@transaction.atomic
def publish(row: Rulebook, *, by: Actor, now: datetime, since: date | None = None) -> Rulebook:
    """Lets a checked version hold from the beginning of a day on, or from now.

    Raises:
        NotAllowed: no administrator, or who edited or checked it.
        WrongState: it is not checked.
        NotProved: there are findings; the catalogue or the units may have changed since the check.
        BadInput: the day lies behind.
    """
    found = _locked(row, by, Rulebook.State.CHECKED)
    if by.account_id is None or by.account_id in (*found.editors, found.checked_by):
        raise NotAllowed(
            _("Rules are published by a second person, who has neither edited nor checked them.")
        )
    today = now.astimezone(CIVIL_TZ).date()
    day = since or today
    if day < today:
        raise BadInput(_("This day lies behind."), field="since")
    _require_proved(found, now)
    start = timezone.make_aware(datetime.combine(day, time(0)), CIVIL_TZ)
    found.state, found.published_by, found.published_at = (
        Rulebook.State.PUBLISHED,
        by.account_id,
        now,
    )
    found.effective_from = max(start, now)
    found.save()
    announce()
    return found


@transaction.atomic
def discard(row: Rulebook, *, by: Actor) -> None:
    """Throws a draft away.

    Raises:
        NotAllowed: no administrator of the district.
        WrongState: it is no draft.
    """
    _locked(row, by, Rulebook.State.DRAFT).delete()


def _locked(row: Rulebook, by: Actor, state: Rulebook.State) -> Rulebook:
    _only_administrators(by, row.district_code)
    found = Rulebook.objects.select_for_update().filter(pk=row.pk).first()
    if found is None:
        raise NotFound()
    if found.state != state:
        raise WrongState(_("This version of the rules is not in a state that allows this."))
    return found


def _require_proved(row: Rulebook, now: datetime) -> None:
    if found := findings(row, now):
        raise NotProved(findings=len(found))
