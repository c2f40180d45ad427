"""交接班: what a desk has open gathers by itself; a note tells it on, and is taken over once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from huying.audit import access
from huying.cases.models import Case
from huying.cases.states import State
from huying.cases.verbs import keepable
from huying.desk import queue
from huying.desk.models import (
    HANDED_OVER,
    TAKEN_OVER,
    Handover,
    HandoverMatter,
    HandoverTaking,
    HandoverText,
    MatterSort,
    WatchMark,
)
from huying.desk.today import shift_end
from huying.errors import BadInput, Missing, NotAllowed, WrongState
from huying.notices.telling import Whom, tell
from huying.people.acting import Actor, in_force
from huying.people.models import Account, Post, Role
from huying.places import naming
from huying.postgres.frozen import frozen
from huying.response.whistles import Call, CallState, Whistle

MOST = 200
"""Cases gathered, those that press most: a note of more nobody reads."""

LONGEST_REMARK = 200
LONGEST_WORDS = 4000
LATE = timedelta(hours=2)
"""Whoever writes so long after the change of shifts still hands over the shift before it."""

SORTS = list(MatterSort)


@dataclass(frozen=True, slots=True)
class Matter:
    """Something open that the next shift must know, with every reason why.

    ``watch``: the words of who marked it by hand. ``units``: those whose answer is awaited.
    """

    key: str
    sorts: Sequence[MatterSort]
    row: queue.Row | None = None
    whistle: Whistle | None = None
    units: Sequence[str] = ()
    due_at: datetime | None = None
    watch: str = ""

    @property
    def sort(self) -> MatterSort:
        return self.sorts[0]


@dataclass(frozen=True, slots=True)
class Words:
    """What a person wrote on a note: which matters are ticked, and words."""

    ticked: Collection[str] = ()
    remarks: Mapping[str, str] = field(default_factory=dict)
    free: str = ""


def has_desk(actor: Actor) -> bool:
    """Whether a person's post is one of a desk: only those write and read its notes."""
    dispatcher = actor.role == Role.DISPATCHER and bool(actor.area_code)
    return dispatcher and actor.account_id is not None


def next_shift_end(now: datetime) -> datetime:
    """When the shift ends that a note written now is for."""
    return shift_end(shift_end(now - LATE))


def why_open(case: Case, now: datetime, ends: datetime) -> list[MatterSort]:
    """For which reasons, in their order, the case's own row makes it an open matter."""
    alarming = case.emergency or (case.state == State.REPORTED and bool(case.emergency_words))
    due, wakes = case.due_at, case.suspended_until
    found = {
        MatterSort.EMERGENCY: alarming,
        MatterSort.OVERDUE: due is not None and due < now,
        MatterSort.DUE: due is not None and now <= due < ends,
        MatterSort.UNSIGNED: case.state == State.DISPATCHED,
        MatterSort.SUPERVISED: case.supervised,
        MatterSort.WAKES: wakes is not None and wakes < ends,
    }
    return [sort for sort in SORTS if found.get(sort)]


def open_matters(actor: Actor, now: datetime) -> list[Matter]:
    """The open matters of the actor's desk, each once, what presses most first."""
    ends = next_shift_end(now)
    marks = dict(marks_of(actor.area_code).values_list("case", "words"))
    calls = list(_unanswered(actor.area_code))
    called: dict[UUID, list[Call]] = {}
    for call in calls:
        if call.whistle.case_id is not None:
            called.setdefault(call.whistle.case_id, []).append(call)
    own = Q(holder_code=actor.area_code) & (
        Q(emergency=True)
        | Q(state=State.REPORTED) & ~Q(emergency_words="")
        | Q(due_at__lt=ends)
        | Q(state=State.DISPATCHED)
        | Q(supervised=True)
        | Q(suspended_until__lt=ends)
    )
    cases = Case.objects.visible_to(actor).open().filter(own | Q(pk__in=[*marks, *called]))
    found = [
        _of_case(row, now, ends, marks.get(row.case.pk, ""), called.get(row.case.pk, []))
        for row in queue.rows(list(cases.for_pages().by_time_left()[:MOST]), now)
    ]
    problems: dict[UUID, list[Call]] = {}
    for call in calls:
        if call.whistle.case_id is None:
            problems.setdefault(call.whistle_id, []).append(call)
    found += [
        Matter(
            key=f"w{pk}",
            sorts=[MatterSort.WHISTLE],
            whistle=group[0].whistle,
            units=[call.unit.name for call in group],
            due_at=min(call.answer_by for call in group),
        )
        for pk, group in problems.items()
    ]
    return sorted(found, key=lambda matter: SORTS.index(matter.sort))


def _of_case(
    row: queue.Row, now: datetime, ends: datetime, watch: str, calls: Sequence[Call]
) -> Matter:
    sorts = set(why_open(row.case, now, ends))
    sorts |= {MatterSort.WATCHED} if watch else set()
    sorts |= {MatterSort.WHISTLE} if calls else set()
    return Matter(
        key=f"c{row.case.pk}",
        sorts=[sort for sort in SORTS if sort in sorts],
        row=row,
        units=[call.unit.name for call in calls],
        due_at=row.case.due_at or row.case.suspended_until,
        watch=watch,
    )


def _unanswered(area_code: str) -> QuerySet[Call]:
    """Calls that nobody has answered: of the desk's own whistles, and climbed to it."""
    mine = Q(whistle__caller_code=area_code) | Q(climbs__gt=0, level_code=area_code)
    found = Call.objects.filter(mine, state=CallState.CALLED)
    return found.select_related("whistle", "unit").order_by("answer_by")


def marks_of(area_code: str) -> QuerySet[WatchMark]:
    """What the desk has marked to watch, as far as it is open."""
    return WatchMark.objects.filter(area_code=area_code).filter(case__ended_at=None)


def colleagues(actor: Actor, now: datetime) -> list[Account]:
    """The other accounts with a dispatcher's post at exactly this desk."""
    posts = Post.objects.filter(
        in_force(timezone.localdate(now)), role=Role.DISPATCHER, area_code=actor.area_code
    )
    others = posts.exclude(account=actor.account_id)
    found = Account.objects.filter(pk__in=others.values("account"), is_active=True)
    return list(found.order_by("name", "pk"))


def notes_of(actor: Actor) -> QuerySet[Handover]:
    """The notes of the actor's own desk, the latest first; none for other posts."""
    if not has_desk(actor):
        return Handover.objects.none()
    return _notes(actor.area_code)


def is_taken(note: Handover) -> bool:
    return hasattr(note, "taking")


def waiting(actor: Actor) -> Handover | None:
    """The desk's note that nobody has taken over yet."""
    if not has_desk(actor):
        return None
    latest = _latest(desk=actor.area_code)
    return latest[0] if latest and not is_taken(latest[0]) else None


@frozen
def _latest(desk: Any) -> QuerySet[Handover]:
    return _notes(desk)[:1]


def _notes(desk: Any) -> QuerySet[Handover]:
    found = Handover.objects.filter(area_code=desk)
    return found.select_related("written_by", "to", "taking__account").order_by("-serial")


def why_not_write(note: Handover | None, actor: Actor) -> str:
    """What keeps the actor from writing a note while this one waits; "" when nothing does."""
    if note is None or note.written_by_id == actor.account_id:
        return ""
    return now_("A note of %(who)s waits to be taken over; please take over first.") % {
        "who": note.written_by
    }


def why_not_take(note: Handover, actor: Actor) -> str:
    """What keeps the actor from taking this note over; "" when nothing does."""
    if is_taken(note):
        return now_("This note was taken over already.")
    if note.written_by_id == actor.account_id:
        return now_("Somebody else has to take over what you hand over.")
    if Handover.objects.filter(area_code=note.area_code, serial__gt=note.serial).exists():
        return now_("A later note has taken the place of this one.")
    return ""


def write(
    actor: Actor, now: datetime, *, to: int | None, matters: Sequence[Matter], words: Words
) -> Handover:
    """Writes the desk's next note, and tells the incoming person; all colleagues without one.

    A desk with a single dispatcher leaves it to ``to=None``: whoever comes next.

    Raises:
        NotAllowed: the post is none of a desk.
        BadInput: who is named has no post at this desk, or words cannot be kept.
        WrongState: another person's note waits.
    """
    if not has_desk(actor):
        raise NotAllowed(_("Only the posts of a desk hand over its shift."))
    others = colleagues(actor, now)
    incoming = next((each for each in others if each.pk == to), None)
    if to is not None and incoming is None:
        raise BadInput(_("This person has no dispatcher's post at this desk."), field="to")
    assert actor.account_id is not None
    with transaction.atomic():
        last = notes_of(actor).first()
        if refusal := why_not_write(last if last and not is_taken(last) else None, actor):
            raise WrongState(refusal)
        note = Handover(
            district_code=actor.area_code[:6],
            area_code=actor.area_code,
            serial=last.serial + 1 if last else 1,
            written_by_id=actor.account_id,
            to=incoming,
            written_at=now,
            next_ends_at=next_shift_end(now),
        )
        _save(note)
        kept = [_kept(note, n, matter, words) for n, matter in enumerate(matters, 1)]
        HandoverMatter.objects.bulk_create(kept)
        HandoverText.objects.bulk_create(_texts(note, kept, matters, words))
        tell(
            HANDED_OVER,
            Whom(accounts=tuple(each.pk for each in ([incoming] if incoming else others))),
            key=f"handover:{note.pk}",
            district_code=note.district_code,
            now=now,
            path=f"/desk/handover/{note.pk}",
            data={
                "desk": naming.own_name(note.area_code),
                "n": sum(each.ticked for each in kept),
            },
        )
    return note


def _save(note: Handover) -> None:
    try:
        with transaction.atomic():
            note.save(force_insert=True)
    except IntegrityError:
        raise WrongState(_("Somebody else has just written a note; please look again.")) from None


def _kept(note: Handover, position: int, matter: Matter, words: Words) -> HandoverMatter:
    """A matter as it stands now."""
    case = matter.row.case if matter.row is not None else None
    return HandoverMatter(
        handover=note,
        position=position,
        sort=matter.sort,
        case_id=case.pk if case else None,
        number=case.number if case else "",
        item_code=case.item_code if case else "",
        state=case.state if case else "",
        whistle_id=matter.whistle.pk if matter.whistle else None,
        due_at=matter.due_at,
        ticked=matter.key in words.ticked,
    )


def _texts(
    note: Handover, kept: Sequence[HandoverMatter], matters: Sequence[Matter], words: Words
) -> list[HandoverText]:
    kind = HandoverText.Kind
    wanted: list[tuple[HandoverText.Kind, HandoverMatter | None, str, int]] = [
        (kind.FREE, None, words.free, LONGEST_WORDS)
    ]
    for row, matter in zip(kept, matters, strict=True):
        remark = words.remarks.get(matter.key, "")
        wanted.append((kind.REMARK, row, remark, LONGEST_REMARK))
        wanted.append((kind.WATCH, row, matter.watch, LONGEST_REMARK))
    found = []
    for of_kind, row_, body, longest in wanted:
        if not (body := body.strip()):
            continue
        if len(body) > longest or not keepable(body):
            raise BadInput(
                _("The text is too long or holds characters that cannot be kept."),
                field="words" if row_ is None else f"remark-{matters[row_.position - 1].key}",
            )
        found.append(HandoverText(handover=note, kind=of_kind, matter=row_, body=body))
    return found


def take_over(note: Handover, actor: Actor, now: datetime) -> HandoverTaking:
    """接班: notes who took the note over and when, and tells its writer.

    Raises:
        NotAllowed: the post is none of this desk.
        WrongState: it was taken over already, is the actor's own, or there is a later one.
    """
    if not has_desk(actor) or actor.area_code != note.area_code:
        raise NotAllowed(_("Only the posts of a desk hand over its shift."))
    if refusal := why_not_take(note, actor):
        raise WrongState(refusal)
    assert actor.account_id is not None
    try:
        with transaction.atomic():
            taking = HandoverTaking.objects.create(
                handover=note, account_id=actor.account_id, taken_at=now
            )
    except IntegrityError:
        raise WrongState(_("This note was taken over already.")) from None
    tell(
        TAKEN_OVER,
        Whom(accounts=(note.written_by_id,)),
        key=f"handover_taken:{note.pk}",
        district_code=note.district_code,
        now=now,
        path=f"/desk/handover/{note.pk}",
        data={
            "desk": naming.own_name(note.area_code),
            "at": f"{timezone.localtime(now):%m-%d %H:%M}",
        },
    )
    return taking


class Erasure(models.TextChoices):
    """Why the words of a note are erased."""

    PERSONAL = "personal", _("They hold personal data that does not belong there")
    ASKED = "asked", _("The person concerned asked for it")


def erase_words(note: Handover, actor: Actor, now: datetime, *, why: str) -> int:
    """Erases every word of the note for good, which the access log keeps; how many texts went.

    That the note was written and taken over, and which cases it named, stays.

    Raises:
        NotAllowed: the post is none of this desk.
        Missing: no reason is given.
        WrongState: there are no words.
    """
    if not has_desk(actor) or actor.area_code != note.area_code:
        raise NotAllowed(_("Only the posts of a desk hand over its shift."))
    if why not in Erasure.values:
        raise Missing(_("Please choose why."), field="why")
    with transaction.atomic():
        kinds = set(note.texts.values_list("kind", flat=True))
        gone, _each = note.texts.all().delete()
        if not gone:
            raise WrongState(_("The note holds no words any more."))
        access.record(
            action="erase_handover",
            subject_type="handover",
            subject_id=note.pk,
            now=now,
            by=actor,
            purpose=why,
            fields=kinds,
        )
    return gone
