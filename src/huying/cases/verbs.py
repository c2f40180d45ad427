"""The one door: what every verb does before and after its own body.

A verb is written as a function of an `Act`; the decorator makes of it the function that the doors
call. One transaction: the case's row is locked, the page's age and the flow table are checked, the
body changes the row, the deadlines are worked out anew, the event is appended to the chain, and
jobs are deferred. If anything fails, nothing has happened.
"""

from __future__ import annotations

import inspect
import os
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, cast

from django.db import models, transaction
from django.db.models import Func, QuerySet
from django.utils.translation import gettext_lazy as _

from huying.audit.chain import SALT_SIZE, EventFields, event_hash, genesis, plain, text_digest
from huying.audit.identifiers import new_id
from huying.cases import deferring, flow
from huying.cases.deadlines import WORKED_OUT, Past, recompute
from huying.cases.keeping import columns, write
from huying.cases.models import Case, CaseEvent, CaseParty, CaseText, TextKind
from huying.cases.reading import Seeing, who_sees
from huying.cases.reasons import LISTS
from huying.cases.sealed_words import keep
from huying.cases.states import END_STATES, State
from huying.catalogue.versions import version_of
from huying.errors import BadInput, Missing, NotFound, StalePage
from huying.notices.kinds import Kind
from huying.notices.telling import Whom, job_of, tell_later
from huying.people.acting import Actor
from huying.postgres.frozen import frozen
from huying.postgres.prepared import rows_of, statement

JOINS = statement("party_joins")
LEAVES = statement("party_leaves")

BY_ITSELF = frozenset(
    {
        *("remind", "overdue", "tell_leader", "recompute", "part_overdue", "subs_ended"),
        *("supervision_overdue", "instruction_overdue", "meeting_overdue"),
        "call_overdue",
    }
)
"""Verbs of the system's that make no page stale: nobody acted."""

LONGEST_TEXT = 20_000
"""Characters of one text. Residents' messages run to 7,000."""


def keepable(words: str) -> bool:
    """Whether the database can keep these words: no NUL, no half of a surrogate pair."""
    if len(words) > LONGEST_TEXT or "\0" in words:
        return False
    try:
        words.encode()
    except UnicodeEncodeError:
        return False
    return True


class ClockTimestamp(Func):
    """The database's own time, now and not at the transaction's start."""

    function = "clock_timestamp"
    output_field = models.DateTimeField()


@dataclass(slots=True)
class Act:
    """One verb being done to one locked case.

    Attributes:
        before: the row's columns as they were.
    """

    verb: str
    case: Case
    by: Actor
    now: datetime
    written_at: datetime
    seq: int
    from_state: State | None
    data: dict[str, Any] = field(default_factory=dict)
    texts: list[CaseText] = field(default_factory=list)
    jobs: list[deferring.Deferred] = field(default_factory=list)
    before: Mapping[str, Any] | None = None
    next: Callable[[Case], Case] | None = None
    due_before: datetime | None = None

    def goes_to(self, state: State) -> None:
        """Moves the case. The flow table must have this target for the verb."""
        row = flow.ROWS[self.verb]
        if state not in row.targets:
            raise AssertionError(f"{self.verb} may not lead to {state}; see cases/table.py")
        self.case.state = state
        self.case.rung = 0
        self.case.desk_since = self.now
        if state in END_STATES:
            self.case.ended_at = self.now

    def text(self, kind: TextKind, body: str, *, needed: str | None = None) -> None:
        """Keeps words beside the event, which itself holds only their salted digest.

        Raises:
            Missing: ``needed`` names the input and there are no words.
            BadInput: the words are too long, or hold what the database cannot keep.
        """
        body = body.strip()
        if not body:
            if needed is not None:
                raise Missing(_("Please say it in words."), field=needed)
            return
        if not keepable(body):
            raise BadInput(
                _("The text is too long or holds characters that cannot be kept."),
                field=needed or "text",
            )
        self.texts.append(new_text(self.case, kind, body, self.seq))

    def reason_code(self, value: str, *, needed: bool = True) -> None:
        """Records one of the verb's list of reasons.

        Raises:
            Missing: none was chosen, though one is needed.
            BadInput: it is not on the list.
        """
        if not value and not needed:
            return
        if not value:
            raise Missing(_("Please choose a reason."), field="reason_code")
        if value not in LISTS[self.verb].values:
            raise BadInput(_("This reason is not on the list."), field="reason_code")
        self.data["reason_code"] = str(value)

    def defer(self, job: Any, *, alarm: bool = False, **args: Any) -> None:
        """Defers a job in the same transaction: it exists exactly when the event does.

        The job of a step that can be undone waits until it no longer can; an ``alarm`` does not.
        """
        self.jobs.append(deferring.Deferred(job, args, alarm))

    def tell(
        self,
        kind: Kind,
        whom: Whom,
        *,
        path: str = "",
        about: Case | None = None,
        apart: bool = False,
        **data: Any,
    ) -> None:
        """Tells people of this step, once it can no longer be undone; an alarm at once.

        ``data`` fills in the kind's words: names of units and items, numbers, times. ``about``
        is the case that the notice leads to, where that is another one; a notice ``apart`` leads to
        ``path`` and names no case, for people who see none.
        """
        case = about or self.case
        occasion = job_of(
            kind,
            whom,
            key=f"{self.case.pk}:{self.seq}",
            district_code=case.district_code,
            now=self.now,
            case_id=None if apart else case.pk,
            case_number="" if apart else case.number,
            path=path,
            data=data,
        )
        self.defer(tell_later, alarm=kind.alarm, **occasion)

    def then(self, follow: Callable[[Case], Case]) -> None:
        """Lets another verb follow in the same transaction, as its own event."""
        self.next = follow

    def joins(
        self, part: CaseParty.Part, *, unit: int | None = None, account: int | None = None
    ) -> None:
        """Lets a unit or account take part, and so see the case."""
        values = {"id": new_id(), "case": self.case.pk, "district": self.case.district_code}
        values |= {"part": str(part), "unit": unit, "account": account, "since": self.seq}
        rows_of(JOINS, values)

    def leaves(self, *parts: CaseParty.Part) -> None:
        """Ends the part of whoever has it."""
        parts_ended = [str(part) for part in parts]
        rows_of(LEAVES, {"case": self.case.pk, "parts": parts_ended, "until": self.seq})


class Body(Protocol):
    def __call__(self, act: Act, /, **inputs: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb as the doors see it: its row in the flow table, its inputs, and how to do it.

    Attributes:
        within: does it inside a transaction that ends where this fails: ``do``, without the
            savepoint that lets a transaction go on.
    """

    name: str
    row: flow.Row
    inputs: dict[str, inspect.Parameter]
    do: Callable[..., Case]
    within: Callable[..., Case]


@dataclass(frozen=True, slots=True)
class Numbered:
    """The case of this number, where whoever acts may see it; to them there is no other."""

    number: str


VERBS: dict[str, Verb] = {}
"""Every verb that a case in being can undergo; complete once ``intake.verbs`` is imported."""


def verb(name: str) -> Callable[[Callable[..., None]], Callable[..., Case]]:
    """Makes the door's function of a verb's body.

    The function made takes ``(case, *, by, now, expect_seq=None, **inputs)``, where ``case`` is a
    `Case`, its id or a `Numbered`, ``now`` the verb's time (aware), and ``expect_seq`` the last
    event that the caller has seen; it returns the case as it is afterwards.

    Raises (the function made):
        NotFound: there is no such case.
        StalePage: someone acted since ``expect_seq``.
        WrongState, NotAllowed: the flow table refuses.
        BadInput, Missing: an input is wrong or lacking.
    """

    def make(body: Callable[..., None]) -> Callable[..., Case]:
        parameters = list(inspect.signature(body, eval_str=True).parameters.items())[1:]

        def within(
            case: Case | uuid.UUID | Numbered,
            *,
            by: Actor,
            now: datetime,
            expect_seq: int | None = None,
            **inputs: Any,
        ) -> Case:
            act = begin(name, case, by=by, now=now, expect_seq=expect_seq)
            body(act, **inputs)
            finish(act)
            return act.case if act.next is None else act.next(act.case)

        def do(case: Case | uuid.UUID | Numbered, **how: Any) -> Case:
            with transaction.atomic():
                return within(case, **how)

        do.__name__ = body.__name__
        do.__qualname__ = body.__qualname__
        do.__doc__ = body.__doc__
        do.__module__ = body.__module__
        VERBS[name] = Verb(name, flow.ROWS[name], dict(parameters), do, within)
        return do

    return make


def begin(
    name: str,
    case: Case | uuid.UUID | Numbered,
    *,
    by: Actor,
    now: datetime,
    expect_seq: int | None,
) -> Act:
    """Locks the case, checks the page's age and the flow table. Inside a transaction."""
    if isinstance(case, Numbered):
        found = _seen(Seeing.of(by), number=case.number, **who_sees(by))
    else:
        found = _held(case=case.pk if isinstance(case, Case) else case)
    if not found:
        raise NotFound()
    (locked,) = found
    if locked.item_version_id is not None:
        locked.item_version = version_of(locked.item_version_id)
    if expect_seq is not None and expect_seq != locked.last_seq:
        since = events_since(locked, expect_seq)
        # A deadline that passed by itself changes nothing that the person has seen.
        if expect_seq > locked.last_seq or any(each["verb"] not in BY_ITSELF for each in since):
            raise StalePage(since=since)
    flow.check(name, by, locked)
    return Act(
        verb=name,
        case=locked,
        by=by,
        now=now,
        written_at=cast(Any, locked).written_at,
        seq=locked.last_seq + 1,
        from_state=State(locked.state),
        due_before=locked.due_at,
        before=columns(locked),
    )


def _to_lock(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.order_by().select_for_update(of=("self",)).annotate(written_at=ClockTimestamp())


@frozen
def _held(case: Any) -> QuerySet[Case]:
    return _to_lock(Case.objects.filter(pk=case))


@frozen
def _seen(seeing: Seeing, number: Any, **who: Any) -> QuerySet[Case]:
    return _to_lock(Case.objects.seen(seeing, **who).filter(number=number))


def finish(act: Act) -> None:
    """Works the deadlines out anew, appends the event, saves the case, defers the jobs."""
    case, undoable = act.case, act.verb in flow.UNDOABLE
    event = completed(act)
    jobs = [deferring.job_of(each, case.pk, act.seq, may_be_undone=undoable) for each in act.jobs]
    assert act.before is not None  # `begin` has kept it
    write(case, act.before, event, act.texts, jobs)
    if case.parent_id is not None and act.from_state != case.state:
        from huying.cases.subcases import follow

        follow(act)


def completed(act: Act, past: Past | None = None) -> CaseEvent:
    """The case as the act leaves it, deadlines and all, and the act's event. Writes nothing.

    ``past`` is read from the database unless it is given.
    """
    case = act.case
    if act.texts:
        act.data["texts"] = [text_reference(text) for text in act.texts]
    if act.before is not None and act.verb in flow.UNDOABLE:
        act.data["before"] = changed(act.before, case)
    recompute(case, act.now, past)
    if act.from_state == case.state and act.due_before != case.due_at:
        # Another step has another deadline; that the same step's has moved is worth a word.
        act.data |= {"due_before": act.due_before, "due_after": case.due_at}
    event = make_event(act)
    case.last_seq = act.seq
    case.last_hash = event.hash
    case.changed_at = act.now
    return event


NOT_A_STEPS_OWN = WORKED_OUT | {"last_seq", "last_hash", "changed_at"}
"""Columns that follow from the others and the log: nobody need remember what they held."""

LONGEST_CODE = 25
"""Characters. A column that holds longer ones may hold words, which an event must not."""


WORDY = frozenset(
    each.attname
    for each in Case._meta.concrete_fields
    if isinstance(each, models.CharField | models.TextField)
    and (each.max_length is None or each.max_length > LONGEST_CODE)
)


def changed(before: Mapping[str, Any], case: Case) -> dict[str, Any]:
    """What the columns held that a step has changed: ids, codes, numbers and times, no words."""
    found = {
        name: old
        for name, old in before.items()
        if old != getattr(case, name) and name not in NOT_A_STEPS_OWN
    }
    # Also when the step left it alone: what the next one climbed is none of the step's before.
    found["rung"] = before["rung"]
    if wordy := WORDY & found.keys():
        raise AssertionError(f"{sorted(wordy)} may hold words; no undoable step changes them")
    return found


def new_text(case: Case, kind: TextKind, body: str, seq: int) -> CaseText:
    pk, salt = new_id(), os.urandom(SALT_SIZE)
    body, hidden = keep(pk, body)
    return CaseText(
        id=pk,
        case=case,
        district_code=case.district_code,
        kind=str(kind),
        seq=seq,
        body=body,
        hidden_enc=hidden,
        salt=salt,
        digest=text_digest(salt, str(kind), body),
    )


def text_reference(text: CaseText) -> dict[str, Any]:
    return {"id": text.pk, "kind": text.kind, "digest": text.digest}


def make_event(act: Act) -> CaseEvent:
    """The event of an act, chained to the case's last one."""
    case, by = act.case, act.by
    prev = bytes(case.last_hash) if case.last_hash else genesis(case.pk)
    fields = EventFields(
        case_id=case.pk,
        seq=act.seq,
        verb=act.verb,
        at=act.now,
        written_at=act.written_at,
        actor_kind=str(by.kind),
        actor_id=by.actor_id,
        post_id=by.post_id,
        role=str(by.role) if by.role else None,
        from_state=str(act.from_state) if act.from_state else None,
        to_state=str(case.state),
        data=plain(act.data),
        district_code=case.district_code,
    )
    return CaseEvent(
        **fields._asdict(),
        prev=prev,
        hash=event_hash(fields, prev),
    )


def events_since(case: Case, seq: int) -> list[dict[str, Any]]:
    """What happened after the event ``seq``, for the person whose page is older."""
    from huying.cases.timeline import names_of_actors

    events = list(CaseEvent.objects.filter(case_id=case.pk, seq__gt=seq).order_by("seq"))
    names = names_of_actors(events)
    return [
        {
            "seq": event.seq,
            "verb": event.verb,
            "label": str(flow.ROWS[event.verb].label),
            "at": event.at.isoformat(),
            "by": names[event.actor_kind, event.actor_id],
        }
        for event in events
    ]
