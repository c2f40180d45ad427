"""Changing how long things are kept, and holding single records back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from huying.audit import access
from huying.cases.models import Case
from huying.errors import BadInput, Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.people.acting import Actor
from huying.people.powers import Power, Subject, may, require
from huying.registry.models import Enterprise, Person
from huying.retention.models import LONGEST_DAYS, RetentionChange, RetentionHold, RetentionRule
from huying.retention.rules import BY_CODE, CASE, RULES, Rule

State = RetentionChange.State
_LOCK = 0x72657465


@dataclass(frozen=True, slots=True)
class Setting:
    """A rule as it holds now."""

    rule: Rule
    days: int
    on: bool
    version: int


def may_look(actor: Actor) -> bool:
    """Administrators, who set it up, and auditors, who watch."""
    return may(actor.role, Power.VIEW, Subject.RETENTION)


def may_change(actor: Actor) -> bool:
    return may(actor.role, Power.CHANGE, Subject.RETENTION)


def settings() -> list[Setting]:
    """All rules as they hold now."""
    kept = RetentionRule.objects.in_bulk()
    return [_setting(rule, kept.get(rule.code)) for rule in RULES]


def setting(code: str) -> Setting:
    """One rule as it holds now.

    Raises:
        NotFound: no rule is called so.
    """
    if code not in BY_CODE:
        raise NotFound()
    return _setting(BY_CODE[code], RetentionRule.objects.filter(pk=code).first())


def _setting(rule: Rule, row: RetentionRule | None) -> Setting:
    if row is None:
        return Setting(rule, rule.days, False, 0)
    return Setting(rule, row.days, row.on, row.version)


def goes_earlier(before: Setting, days: int, on: bool) -> bool:
    """Whether by the change something goes earlier than before, or at all."""
    return on and not (before.on and days >= before.days)


def change(
    code: str, *, days: int, on: bool, seen: int, by: Actor, now: datetime
) -> RetentionChange:
    """Changes a rule at once where nothing goes earlier by it; else asks for a second opinion.

    Raises:
        NotAllowed: by nobody who sets this up.
        NotFound: no such rule.
        BadInput: fewer days than another duty asks for, or absurdly many, or nothing is changed.
        StalePage: somebody changed the rule since ``seen``, its version.
        WrongState: a change of it waits already.
    """
    require(by, Power.CHANGE, Subject.RETENTION)
    with transaction.atomic():
        _lock(code)
        was = setting(code)
        if was.version != seen:
            raise StalePage()
        if not was.rule.least <= days <= LONGEST_DAYS:
            raise BadInput(
                _("At least %(least)s days, and at most %(most)s.")
                % {"least": was.rule.least, "most": LONGEST_DAYS},
                field="days",
            )
        if (days, on) == (was.days, was.on):
            raise BadInput(_("Nothing is changed by this."), field="days")
        if RetentionChange.objects.filter(rule=code, state=State.ASKED).exists():
            raise WrongState(_("A change of this rule waits for a second administrator already."))
        earlier = goes_earlier(was, days, on)
        assert by.account_id is not None
        made = RetentionChange.objects.create(
            rule=code,
            days_before=was.days,
            on_before=was.on,
            days=days,
            on=on,
            needs_two=earlier,
            state=State.ASKED if earlier else State.DONE,
            asked_by_id=by.account_id,
            asked_at=now,
        )
        if not earlier:
            _put(made, now)
        _record("ask_retention_change" if earlier else "change_retention", made.rule, by, now,
                days=days, on=on)  # fmt: skip
        return made


def decide(pk: UUID, *, agree: bool, by: Actor, now: datetime) -> RetentionChange:
    """A second administrator lets a change take effect, or not; who asked may take it back.

    Raises:
        NotAllowed: by nobody who sets this up, or by who asked for it.
        NotFound: no such change.
        WrongState: it is decided already.
    """
    require(by, Power.CHANGE, Subject.RETENTION)
    with transaction.atomic():
        row = RetentionChange.objects.select_for_update().filter(pk=pk).first()
        if row is None:
            raise NotFound()
        if row.state != State.ASKED:
            raise WrongState(_("This was decided already."))
        own = row.asked_by_id == by.account_id
        if own and agree:
            raise NotAllowed(_("Somebody else has to agree: data would go earlier by this."))
        row.state = State.DONE if agree else (State.WITHDRAWN if own else State.REFUSED)
        row.decided_by_id, row.decided_at = by.account_id, now
        row.save()
        if agree:
            _lock(row.rule)
            _put(row, now)
        _record(f"retention_change_{row.state}", row.rule, by, now, days=row.days, on=row.on)
        return row


def _lock(code: str) -> None:
    """One change of a rule after the other, also of one that has no row yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, code])


def _put(made: RetentionChange, now: datetime) -> None:
    was = setting(made.rule)
    RetentionRule.objects.update_or_create(
        code=made.rule,
        defaults={
            "days": made.days,
            "on": made.on,
            "version": was.version + 1,
            "changed_at": now,
        },
    )


SUBJECTS: dict[str, Any] = {
    CASE: Case,
    str(Person.REGISTER): Person,
    str(Enterprise.REGISTER): Enterprise,
}


def hold(
    subject: str, named: str, *, reason: str, words: str, by: Actor, now: datetime
) -> RetentionHold:
    """Keeps one record from all rules. Of a case its number is given, of others the id.

    Raises:
        NotAllowed, Missing, BadInput: it cannot be held so, and why.
    """
    require(by, Power.CHANGE, Subject.RETENTION)
    if subject not in SUBJECTS:
        raise Missing(_("Please choose one."), field="subject")
    if reason not in RetentionHold.Reason.values:
        raise Missing(_("Please choose a reason."), field="reason")
    if reason == RetentionHold.Reason.OTHER and not words.strip():
        raise Missing(_("Please say it in words."), field="words")
    key = _key_of(subject, named.strip())
    if key is None:
        raise BadInput(_("There is no such record."), field="named")
    assert by.account_id is not None
    try:
        with transaction.atomic():
            made = RetentionHold.objects.create(
                subject=subject,
                subject_id=key,
                reason=reason,
                words=words.strip()[:200],
                placed_by_id=by.account_id,
                placed_at=now,
            )
            access.record(
                action="retention_hold",
                subject_type=subject,
                subject_id=key,
                now=now,
                by=by,
                fields=[str(reason)],
            )
    except IntegrityError as error:
        raise WrongState(_("This record is held for this reason already.")) from error
    return made


def lift(pk: UUID, *, by: Actor, now: datetime) -> None:
    """Lets a record go the way of all others again.

    Raises:
        NotAllowed, NotFound.
    """
    require(by, Power.CHANGE, Subject.RETENTION)
    with transaction.atomic():
        row = RetentionHold.objects.select_for_update().filter(pk=pk, lifted_at=None).first()
        if row is None:
            raise NotFound()
        _lift(row, by, now)


def _lift(row: RetentionHold, by: Actor, now: datetime) -> None:
    row.lifted_by_id, row.lifted_at, row.words = by.account_id, now, ""
    row.save()
    access.record(action="retention_lift", subject_type=row.subject, subject_id=row.subject_id,
                  now=now, by=by, fields=[row.reason])  # fmt: skip


def _key_of(subject: str, named: str) -> UUID | None:
    if subject == CASE:
        if not (named.isascii() and named.isdigit()):
            return None
        key: UUID | None = Case.objects.filter(number=named).values_list("pk", flat=True).first()
        return key
    try:
        key = UUID(named)
    except ValueError:
        return None
    return key if SUBJECTS[subject].objects.filter(pk=key).exists() else None


def _record(action: str, code: str, by: Actor, now: datetime, **told: Any) -> None:
    access.record(
        action=action,
        subject_type="retention",
        subject_id=code,
        now=now,
        by=by,
        fields=[f"{name}={value}" for name, value in told.items()],
    )
