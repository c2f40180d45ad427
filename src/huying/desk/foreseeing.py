"""What a verb would do to each of many cases, before it is done. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from huying.cases import flow
from huying.cases.accepting import if_accepted
from huying.cases.deadlines import limits_for
from huying.cases.models import Case
from huying.catalogue.models import ItemVersion
from huying.catalogue.validating import UnknownItem
from huying.catalogue.versions import current, snapshot
from huying.clock.explaining import limit_words
from huying.desk import queue
from huying.desk.fields import items_by_category
from huying.desk.forms import FORMS, Dispatch, VerbForm
from huying.dispatch.rulebook import rule_of
from huying.dispatch.rules import Rule
from huying.dispatch.saying import Lines, outcome_words
from huying.dispatch.suggesting import Roster
from huying.errors import HuyingError, Words
from huying.people.acting import Actor
from huying.places.models import Level


@dataclass(frozen=True, slots=True)
class Accepted:
    """How a case would stand, were it accepted now as the item chosen.

    Attributes:
        items: the catalogue as a select's options, with the one chosen.
        proposed: nobody chose the item: the words of the report propose it.
        handle: the limit of handling, which runs from dispatching on.
    """

    items: SafeString
    proposed: bool
    words: Sequence[str]
    emergency: bool
    by_item: bool
    level: str
    dispatch_by: datetime | None
    handle: str
    total_due: datetime | None


@dataclass(frozen=True, slots=True)
class ByRule:
    """Which rule decides a case, as a row of many says it.

    Attributes:
        rule: None where the catalogue's principle holds.
        lines: what the rule wants, by name.
    """

    rule: Rule | None
    version: int | None
    lines: Lines


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One case of many.

    Attributes:
        why_not: why the flow forbids it now; the case is then left out.
        lacks: what has to be chosen before it can be done.
        accepted: what accepting would do.
        units: whom dispatching could send it to, the proposed one first, as the verb's own form
            lists them.
        helpers: units that a rule or the catalogue wants beside the lead; a rule's are chosen.
        by: which rule decides; None while the case has no item, or the district no rules.
    """

    row: queue.Row
    form: VerbForm
    why_not: Words | None = None
    lacks: Words = ""
    accepted: Accepted | None = None
    units: Sequence[dict[str, Any]] = ()
    helpers: Sequence[dict[str, Any]] = ()
    due_at: datetime | None = None
    by: ByRule | None = None

    @property
    def number(self) -> str:
        return self.row.case.number

    @property
    def emergency(self) -> bool:
        """Whether it is one, or would be."""
        return self.row.case.emergency or bool(self.accepted and self.accepted.emergency)

    @property
    def chosen(self) -> dict[str, Any] | None:
        """The unit that it would go to."""
        return next((each for each in self.units if each["chosen"]), None)


def foresee(
    verb: str, cases: Sequence[Case], actor: Actor, now: datetime, sent: QueryDict | None = None
) -> list[Foreseen]:
    """What the verb would do to each case; those that it may not be done to come last.

    ``sent`` holds what was chosen for a case already, under its number.
    """
    roster = Roster()
    options = _item_options(now) if verb == "accept" else mark_safe("")
    versions: dict[str, ItemVersion | HuyingError] = {}
    found: list[Foreseen] = []
    out: list[Foreseen] = []
    for row in queue.rows(cases, now):
        case = row.case
        chosen = sent if sent is not None and f"{case.number}-expect_seq" in sent else None
        form = FORMS[verb](
            chosen, prefix=case.number, case=case, actor=actor, now=now, roster=roster
        )
        refusal = flow.ROWS[verb].why_not(actor, case)
        if refusal is not None:
            out.append(Foreseen(row, form, why_not=refusal))
        elif isinstance(form, Dispatch):
            found.append(_dispatched(row, form))
        else:
            found.append(_accepted(row, form, now, options, versions))
    return found + out


def _dispatched(row: queue.Row, form: Dispatch) -> Foreseen:
    units = form.ranked
    lacks: Words = ""
    if not units:
        lacks = _("No unit in this area; escalate the case or send it down.")
    elif not any(each["chosen"] for each in units):
        lacks = _("Please choose a unit.")
    by = form.suggestion.by
    return Foreseen(
        row,
        form,
        lacks=lacks,
        units=units,
        helpers=form.helpers,
        due_at=form.due_at,
        by=_by_rule(by.rule, by.version) if by is not None else None,
    )


def _by_rule(rule: Rule | None, version: int | None) -> ByRule | None:
    if version is None:
        return None
    return ByRule(rule, version, outcome_words(rule.then) if rule is not None else [])


def _accepted(
    row: queue.Row,
    form: VerbForm,
    now: datetime,
    options: SafeString,
    versions: dict[str, ItemVersion | HuyingError],
) -> Foreseen:
    case, code = row.case, str(form["item"].value() or "")
    words = [word for word in case.emergency_words.split(";") if word]
    urgent = bool(form["emergency"].value())
    level, dispatch_by, handle, total_due, by_item = "", None, "", None, False
    by = None
    lacks: Words = "" if code else _("Please choose an item.")
    if code:
        version = _version(code, now, versions)
        if isinstance(version, HuyingError):
            lacks = str(version)
        else:
            ahead = if_accepted(case, version, emergency=urgent, now=now)
            limit = limits_for(ahead).handle
            level = str(Level(ahead.level).label)
            dispatch_by, total_due = ahead.due_at, ahead.total_due
            handle = limit_words(limit) if limit is not None else ""
            by_item = ahead.emergency and not urgent
            rule = rule_of(case.district_code, ahead.rulebook, ahead.rule)
            by = _by_rule(rule, ahead.rulebook)
    return Foreseen(
        row,
        form,
        lacks=lacks,
        by=by,
        accepted=Accepted(
            items=_with_chosen(options, code),
            proposed=bool(code) and code == case.suggested_item and not case.item_code,
            words=words,
            emergency=urgent or by_item,
            by_item=by_item,
            level=level,
            dispatch_by=dispatch_by,
            handle=handle,
            total_due=total_due,
        ),
    )


def _version(
    code: str, now: datetime, versions: dict[str, ItemVersion | HuyingError]
) -> ItemVersion | HuyingError:
    """The item's version of now, looked up once for all cases."""
    if code not in versions:
        try:
            if code not in snapshot(now):
                raise UnknownItem()  # whatever was typed: the database is not asked about it
            versions[code] = current(code, now)
        except HuyingError as error:
            versions[code] = error
    return versions[code]


def _item_options(now: datetime) -> SafeString:
    """The catalogue as options, written once: a hundred selects of it are the same but for one."""
    groups = [
        format_html(
            '<optgroup label="{}">{}</optgroup>',
            category,
            format_html_join("", '<option value="{}">{}</option>', items),
        )
        for category, items in items_by_category(snapshot(now))
    ]
    return mark_safe("".join(groups))  # noqa: S308  # of strings that are safe


def _with_chosen(options: SafeString, code: str) -> SafeString:
    here = format_html('<option value="{}"', code)
    return mark_safe(options.replace(here, here + " selected", 1))  # noqa: S308  # as above
