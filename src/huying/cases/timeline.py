"""A case's events as people read them: who, when, what, and the words that came with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from huying.cases import flow
from huying.cases.models import Attachment, Case, CaseEvent, CaseText
from huying.cases.reasons import reason_words
from huying.cases.states import State
from huying.people.acting import ActorKind
from huying.people.models import Account, Role, Unit
from huying.postgres.frozen import frozen

UNIT_LISTS = ("assist", "members", "units")
"""Names under which an event holds several units."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, ready to be shown.

    Attributes:
        texts: the words that came with it, as (kind, body); erased ones as (kind, None).
        facts: the codes and names that came with it, as (label, value).
        changes: what became something else, as (label, before, after).
        by_itself: the system did it, nobody acted.
        undone: whether the step was taken back; a later entry says by whom.
    """

    seq: int
    verb: str
    label: str
    at: datetime
    by: str
    role: str
    from_state: str
    to_state: str
    texts: list[tuple[str, str | None]]
    facts: list[tuple[str, str]]
    attachments: list[Attachment]
    documents: list[Attachment]
    data: dict[str, Any]
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    by_itself: bool = False
    undone: bool = False

    @property
    def day(self) -> date:
        """The day of the step in the zone that people live in."""
        return timezone.localdate(self.at)


@frozen
def texts_of(case: Any) -> QuerySet[CaseText]:
    """The words of a case, in the order of its events."""
    return CaseText.objects.filter(case=case)


@frozen
def attachments_of(case: Any) -> QuerySet[Attachment]:
    """The photos and papers of a case."""
    return Attachment.objects.filter(case=case)


@frozen
def _events(case: Any) -> QuerySet[CaseEvent]:
    return CaseEvent.objects.filter(case_id=case).order_by("seq")


@frozen
def _names(accounts: Any) -> QuerySet[Account, tuple[int, str]]:
    return Account.objects.filter(pk__any_of=accounts).values_list("pk", "name")


@frozen
def _units(units: Any) -> QuerySet[Unit, tuple[int, str]]:
    return Unit.objects.filter(pk__any_of=units).values_list("pk", "name").order_by()


def names_of_actors(events: Iterable[CaseEvent]) -> dict[tuple[str, int | None], str]:
    """What to call who acted. Accounts by name, the others by what they are."""
    events = list(events)
    who = {e.actor_id for e in events if e.actor_kind == ActorKind.ACCOUNT}
    accounts = dict(_names(accounts=sorted(who)) if who else ())
    words = {
        ActorKind.SYSTEM: _("the system"),
        ActorKind.RESIDENT: _("the resident"),
        ActorKind.INTEGRATION: _("connected system"),
        ActorKind.OUTSIDE: _("outside party"),
    }
    names: dict[tuple[str, int | None], str] = {}
    for event in events:
        kind = ActorKind(event.actor_kind)
        name = accounts.get(event.actor_id or 0) if kind is ActorKind.ACCOUNT else words[kind]
        names[event.actor_kind, event.actor_id] = name or _("a former account")
    return names


def timeline(
    case: Case,
    *,
    texts: Iterable[CaseText] | None = None,
    attachments: Iterable[Attachment] | None = None,
) -> list[Entry]:
    """All events of a case, the oldest first. Four queries, whatever the number of events.

    All ``texts`` and ``attachments`` of the case are read unless they are given.
    """
    if texts is None:
        texts = texts_of(case=case.pk)
    if attachments is None:
        attachments = attachments_of(case=case.pk)
    events = _events(case=case.pk)
    names = names_of_actors(events)
    said = {str(text.pk): text.body for text in texts}
    photos: dict[int | None, list[Attachment]] = defaultdict(list)
    documents: dict[int | None, list[Attachment]] = defaultdict(list)
    for attachment in attachments:
        of_its_kind = documents if attachment.kind == Attachment.Kind.DOCUMENT else photos
        of_its_kind[attachment.seq].append(attachment)
    named = {
        pk
        for event in events
        for name in ("unit", "suggested_unit", "from_unit")
        if (pk := event.data.get(name)) is not None
    } | {pk for event in events for key in UNIT_LISTS for pk in event.data.get(key, [])}
    units = dict(_units(units=sorted(named)) if named else ())
    undone = {event.data.get("undoes") for event in events if event.verb == "undo"}
    return [
        Entry(
            seq=event.seq,
            verb=event.verb,
            label=str(flow.ROWS[event.verb].label),
            at=event.at,
            by=names[event.actor_kind, event.actor_id],
            role=str(Role(event.role).label) if event.role else "",
            from_state=str(State(event.from_state).label) if event.from_state else "",
            to_state=str(State(event.to_state).label),
            texts=[(ref["kind"], said.get(ref["id"])) for ref in event.data.get("texts", [])],
            facts=_facts(event.verb, event.data, units),
            attachments=photos[event.seq],
            documents=documents[event.seq],
            data=event.data,
            changes=_changes(event.data),
            by_itself=event.actor_kind == ActorKind.SYSTEM,
            undone=event.seq in undone,
        )
        for event in events
    ]


def _facts(verb: str, data: dict[str, Any], units: dict[int, str]) -> list[tuple[str, str]]:
    from huying.cases.words import words_for

    facts: list[tuple[str, str]] = []
    for name, value in data.items():
        if name in ("unit", "suggested_unit", "from_unit"):
            value = units.get(value, "")
        elif name == "members":
            value = [units.get(pk, "") for pk in value]
        elif name in UNIT_LISTS:
            value = "、".join(units.get(pk, "") for pk in value)
        elif name == "reason_code":
            value = reason_words(verb, value)
        said = words_for(name, value)
        if said is not None:
            facts.append(said)
    return facts


CHANGED = (
    ("from_item", "item"),
    ("from_area", "area"),
    ("from_holder", "holder"),
    ("due_before", "due_after"),
)
"""What an event tells as before and after, by the names in its data."""


def facts_beside(entry: Entry) -> list[tuple[str, str]]:
    """The facts that no change says already."""
    from huying.cases.words import words_for

    told = {name for pair in CHANGED for name in pair if pair[0] in entry.data}
    said = {words_for(name, entry.data[name]) for name in told if name in entry.data}
    return [fact for fact in entry.facts if fact not in said]


def _changes(data: dict[str, Any]) -> list[tuple[str, str, str]]:
    from huying.cases.words import words_for

    changes = []
    for before, after in CHANGED:
        if before not in data or data[before] == data.get(after):
            continue
        old, new = words_for(before, data[before]), words_for(after, data.get(after))
        said = new or old
        if said is not None:
            time_stands = before == "due_before"
            none = _("stands still") if time_stands else _("none before")
            label = _("deadline now") if time_stands else said[0]
            changes.append((label, old[1] if old else none, new[1] if new else none))
    return changes
