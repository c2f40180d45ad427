"""The queue's reads: whose turn it is, one page after the other, however many cases there are."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import Case as Which
from django.db.models import OuterRef, Q, QuerySet, Subquery, When
from django.db.models.expressions import Combinable

from huying.cases import finding
from huying.cases.finding import Asks, Found, Looking, Place
from huying.cases.models import Case, CaseText, TextKind
from huying.cases.reading import CaseQuerySet, Seeing, Sees, who_sees
from huying.cases.states import OPEN_STATES, PartState, State
from huying.desk.filters import Filters
from huying.dispatch.awaiting import turn_of
from huying.dispatch.models import LikelyDuplicate, Order
from huying.dispatch.standing import Standing, part_standing, standing
from huying.people.acting import SYSTEM, Actor
from huying.people.models import Role
from huying.places import naming
from huying.postgres.frozen import Given, filled, frozen_but_planned, frozen_unseen, numbered
from huying.postgres.prepared import numbered_rows_of

PAGE = 30
MOST_COUNTED = 1000
"""Beyond this a count only says "1000+": counting a million rows helps nobody decide."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue.

    Attributes:
        part: how far the reader's unit is with its part of the case.
        alike: False where it may be one with another of the desk, True where it comes again.
    """

    case: Case
    standing: Standing
    place: str
    text: str
    why: Sequence[str] = ()
    part: str = ""
    alike: bool | None = None


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Row]
    next: str

    def turns_in(self, now: datetime) -> int:
        """Seconds until the next light on it turns, an hour at most: then it is to be read anew."""
        moments = [at for row in self.rows for at in (row.case.yellow_at, row.case.due_at)]
        ahead = [at - now for at in moments if at is not None and at > now]
        return 1 + int(min([*ahead, timedelta(hours=1)]).total_seconds())


class Looker(NamedTuple):
    """What of an actor decides which question a list is; the rest only fills its gaps."""

    role: Role | None
    seeing: Seeing

    @classmethod
    def of(cls, actor: Actor) -> Self:
        return cls(actor.role, Seeing.of(actor))

    def asks_alike(self, tab: str) -> bool:
        """Whether a tab is one question for all such actors: not where it names the unit."""
        return not (tab == "mine" and self.role == Role.HANDLER)

    def sees_all_of(self, tab: str) -> bool:
        """Whether such actors see whatever is on a tab, because of what the tab says itself.

        What lies in the own area, and what the own desk holds, need not be asked for a second
        time, which takes longer to plan than the rest to answer.
        """
        if tab == "area":
            return self.seeing.sees in (Sees.AREA, Sees.AREA_AND_HELD)
        holds = tab == "held" or (tab == "mine" and self.role == Role.DISPATCHER)
        return holds and self.seeing.sees is Sees.AREA_AND_HELD


def _who(actor: Actor) -> dict[str, Any]:
    return who_sees(actor) | {"units": list(actor.units)}


def of_tab(tab: str, actor: Actor) -> CaseQuerySet:
    """The cases of one tab, never more than the actor may see."""
    return _of_tab(tab, Looker.of(actor), **_who(actor))


def _of_tab(
    tab: str, by: Looker, *, area: Any, account: Any, unit: Any, units: Any
) -> CaseQuerySet:
    """The same from its parts, which may be gaps of a question (`postgres.frozen`)."""
    cases = Case.objects.all()
    if not by.sees_all_of(tab):
        cases = cases.seen(by.seeing, area=area, account=account, unit=unit)
    match tab:
        case "mine":
            turn = turn_of(by.role, area=area, account=account, unit=unit, units=units)
            return cases.filter(turn)
        case "held":
            return cases.held_by(area)
        case "reported":
            return cases.filter(reporter=account)
        case "area":
            return cases.filter(area_code__startswith=area)
        case _:
            return cases


def counted(cases: CaseQuerySet) -> int:
    """How many there are, up to one more than `MOST_COUNTED`."""
    return cases.order_by()[: MOST_COUNTED + 1].count()


def open_in(tabs: tuple[str, ...], actor: Actor) -> Sequence[int]:
    """How many open cases each tab has, as `counted` says it; one question."""
    by, who = Looker.of(actor), _who(actor)
    if all(by.asks_alike(tab) for tab in tabs):
        statement, gaps = _open_in(tabs, by, MOST_COUNTED + 1)
    else:
        statement, gaps = _counting([of_tab(tab, actor).open() for tab in tabs], MOST_COUNTED + 1)
    return numbered_rows_of(statement, filled(gaps, who), keep=False)[0]


@cache
def _open_in(tabs: tuple[str, ...], by: Looker, most: int) -> tuple[str, tuple[str, ...]]:
    gaps: dict[str, Any] = {name: Given(name) for name in _who(SYSTEM)}
    return _counting([_of_tab(tab, by, **gaps).open() for tab in tabs], most)


def _counting(lists: Sequence[CaseQuerySet], most: int) -> tuple[str, tuple[str, ...]]:
    """The question of how many each list has, up to ``most``, and its gaps."""
    counts: list[str] = []
    places: list[Any] = []
    for cases in lists:
        some = cases.order_by().values("pk")[:most]
        try:
            statement, its_places = some.query.sql_with_params()
        except EmptyResultSet:  # the post sees none, whatever there is
            counts.append("0")
        else:
            counts.append(f"(SELECT count(*) FROM ({statement}) AS found)")  # noqa: S608 - Django's own
            places += its_places
    return numbered(f"SELECT {', '.join(counts)}", places)


def in_words(count: int) -> str:
    """A count as it is shown: "37", "1000+"."""
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)


def page(filters: Filters, actor: Actor, now: datetime, after: str = "") -> Page:
    """One page of a view: open cases by time left, ended ones the latest first.

    Goes on from a cursor, which names the last row seen; nothing is skipped over or counted.
    """
    looking, last = finding.looking(filters.words, now), read_cursor(after)
    by_phone = filters.phone is not None
    found = None
    if not by_phone and Looker.of(actor).asks_alike(filters.tab):
        found = _leafed(filters, actor, now, last, looking)
    if found is not None:
        texts = {case.pk: case.said or "" for case in found}  # type: ignore[attr-defined]
    else:
        cases = filters.narrowing(of_tab(filters.tab, actor), now).for_lines()
        found = first(cases, looking, PAGE + 1, ended=filters.ended, after=last)
        texts = None
    shown = found[:PAGE]
    return Page(
        rows=rows(shown, now, looking=looking, by_phone=by_phone, unit=actor.unit_id, texts=texts),
        next=_cursor(shown[-1]) if len(found) > PAGE else "",
    )


OF_DESK = (Filters(tab="mine"), Filters(tab="held"))
"""Views of all that a desk holds, if it is a desk's."""

CHOSEN = ("state", "item", "channel", "area")
"""Of a view: what is compared with a column."""

WALKED = 250
"""So many cases of a list are asked whether they fit what is searched for, before it is looked up.

They are what most desks have, or have a page among them, and asking them costs less than to look
up in a million cases what half the town is called by.
"""


def _leafed(
    filters: Filters, actor: Actor, now: datetime, last: Place | None, looking: Sequence[Looking]
) -> list[Case] | None:
    """What `first` finds, each with what its report ``said``; None where it is to be looked up.

    A number is, since few cases have it, and so is what the first cases of a list have no page of.
    """
    if any(each.digits for each in looking):
        return None
    chosen = {name: value for name in CHOSEN if (value := getattr(filters, name))}
    as_shape: dict[str, Any] = dict.fromkeys(chosen, "chosen")
    shape = (
        replace(filters, words="", **as_shape),
        Looker.of(actor),
        None if last is None else last.due_at is not None,
    )
    given = {
        "now": now,
        **{f"chosen_{name}": value for name, value in chosen.items()},
        **(last._asdict() if last is not None else {}),
        **_who(actor),
    }
    if not looking:
        # The cases of one desk lie together in their order, however many they are.
        leaf = _leaf_of_desk if shape[0] in OF_DESK and shape[1].sees_all_of(filters.tab) else _leaf
        return leaf(*shape, PAGE + 1, **given)
    asks = tuple(each.asks for each in looking)
    found = _walked(*shape, PAGE + 1, WALKED, asks, **given, **finding.said(looking))
    return found if len(found) > PAGE or not _beyond(*shape, WALKED, **given) else None


def _leafing(
    shape: Filters, by: Looker, after_a_deadline: bool | None, most: int, **given: Any
) -> QuerySet[Case]:
    """The first cases of a view.

    The keys come first: whole rows take the server four times as long to sort.
    """
    keys = _list(shape, by, after_a_deadline, given).values("pk")[:most]
    return _with_lines(Case.objects.filter(pk__in=keys), by, ended=shape.ended)


_leaf = frozen_but_planned(_leafing)
_leaf_of_desk = frozen_unseen(_leafing)


@frozen_but_planned
def _walked(
    shape: Filters,
    by: Looker,
    after_a_deadline: bool | None,
    most: int,
    walked: int,
    asks: Sequence[Asks],
    **given: Any,
) -> QuerySet[Case]:
    """Those that fit among the first cases of a view, each of which is asked."""
    said = {name: given.pop(name) for name in list(given) if name.startswith(finding.SOUGHT)}
    keys = _list(shape, by, after_a_deadline, given).values("pk")[:walked]
    found = finding.fitting(Case.objects.filter(pk__in=keys), asks, said)
    return _with_lines(found, by, ended=shape.ended)[:most]


@frozen_but_planned
def _beyond(
    shape: Filters, by: Looker, after_a_deadline: bool | None, walked: int, **given: Any
) -> QuerySet[Case, UUID]:
    """The next case of a view after the first ones."""
    keys = _list(shape, by, after_a_deadline, given).values_list("pk", flat=True)
    return keys[walked : walked + 1]


def _list(
    shape: Filters, by: Looker, after_a_deadline: bool | None, given: dict[str, Any]
) -> CaseQuerySet:
    """A view in its order. Of what is chosen ``shape`` says only that it is, not as what.

    ``after_a_deadline``: whether the last case seen had one; None on the first page.
    """
    view: Any = replace(shape, **{
        name: given.pop(f"chosen_{name}") for name in CHOSEN if getattr(shape, name)
    })  # fmt: skip
    last: Any = None
    if after_a_deadline is not None:
        due, received, pk = (given.pop(name) for name in Place._fields)
        last = Place(due if after_a_deadline else None, received, pk)
    now = given.pop("now")
    cases = view.narrowing(_of_tab(view.tab, by, **given), now)
    return _ordered(cases, ended=view.ended, after=last)


def _with_lines(cases: CaseQuerySet, by: Looker, *, ended: bool) -> CaseQuerySet:
    """Cases with what their lines show, in the order of a view."""
    said = CaseText.objects.filter(case=OuterRef("pk"), kind=TextKind.DESCRIPTION)
    found = cases.for_lines().annotate(said=Subquery(said.order_by("seq", "id").values("body")[:1]))
    if not ended and by.role == Role.DISPATCHER:
        found = found.annotate(alike=_alike())
    return _ordered(found, ended=ended)


def _alike() -> Combinable:
    """Of a case that nobody was sent to yet: whether it comes again (True), or may be one with
    another of its desk (False), as it was found after the report; its own page looks anew.
    """
    may_be_one = Q(
        repeat=False,
        other__holder_code=OuterRef("holder_code"),
        other__state__in=sorted(OPEN_STATES),
    )
    others = LikelyDuplicate.objects.filter(Q(repeat=True) | may_be_one, case=OuterRef("pk"))
    waits = Q(state__in=(State.REPORTED, State.ACCEPTED))
    return Which(When(waits, then=Subquery(others.order_by("repeat").values("repeat")[:1])))


def listed(cases: CaseQuerySet, now: datetime, after: str) -> Page:
    """One page of any open cases, the least time left first."""
    found = first(cases.for_pages(), (), PAGE + 1, ended=False, after=read_cursor(after))
    shown = found[:PAGE]
    return Page(rows(shown, now), _cursor(shown[-1]) if len(found) > PAGE else "")


def first(
    cases: CaseQuerySet,
    looking: Sequence[Looking],
    most: int,
    *,
    ended: bool,
    after: Place | None = None,
) -> list[Case]:
    """The first cases that fit, in the order of a page of open or of ended cases."""
    cases = _ordered(cases, ended=ended, after=after)
    return finding.first(cases, looking, most, _ended_after if ended else _open_after)


def _ordered(cases: CaseQuerySet, *, ended: bool, after: Place | None = None) -> CaseQuerySet:
    """Open cases by time left, ended ones the latest first, from behind a place on."""
    cases = cases.order_by("-received_at", "-id") if ended else cases.by_time_left()
    if after is None:
        return cases
    return _ended_after(cases, after) if ended else _open_after(cases, after)


def _ended_after(cases: CaseQuerySet, last: Place) -> CaseQuerySet:
    """What comes after a row among the ended, the latest first."""
    return cases.filter(received_at__lte=last.received_at).filter(
        Q(received_at__lt=last.received_at) | Q(received_at=last.received_at, id__lt=last.id)
    )


def _open_after(cases: CaseQuerySet, last: Place) -> CaseQuerySet:
    """What comes after a row in the order of `by_time_left`, where no deadline comes last."""
    later = Q(received_at__gt=last.received_at) | Q(received_at=last.received_at, id__gt=last.id)
    if (due := last.due_at) is None:
        return cases.filter(later, due_at__isnull=True)
    return cases.filter(Q(due_at__gt=due) | (Q(due_at=due) & later) | Q(due_at__isnull=True))


def rows(
    cases: Sequence[Case],
    now: datetime,
    *,
    looking: Sequence[Looking] = (),
    by_phone: bool = False,
    unit: int | None = None,
    texts: Mapping[UUID, str] | None = None,
) -> list[Row]:
    """Cases with what a line of the queue shows; two queries, however many.

    ``looking`` and ``by_phone``: what they were found by, which is then said. ``unit``: the
    reader's, whose part of a case stands there with its own light; one query more where there is.
    ``texts``: what the reports say, where it is known already.
    """
    if texts is None:
        texts = finding.descriptions(case.pk for case in cases)
    phone = [Found.PHONE] if by_phone else []
    parts = _parts(cases, unit)
    return [
        Row(
            case=case,
            standing=(
                part_standing(parts[case.pk], case, now)
                if case.pk in parts
                else standing(case, now)
            ),
            place=short_place(case.area_code),
            text=around(text, [each.term for each in looking]),
            why=[str(each.label) for each in phone + finding.reasons(looking, case, text)],
            part=str(PartState(case.parts[str(unit)]).label) if case.pk in parts else "",
            alike=getattr(case, "alike", None),
        )
        for case, text in ((case, texts.get(case.pk, "")) for case in cases)
    ]


def _parts(cases: Sequence[Case], unit: int | None) -> dict[UUID, Order]:
    """The unit's open parts of these cases."""
    having = [case.pk for case in cases if str(unit) in case.parts]
    if not having:
        return {}
    orders = Order.objects.filter(case__in=having, unit=unit, part=Order.Part.ASSIST, ended_at=None)
    return {order.case_id: order for order in orders}


EXCERPT = 160
BEFORE_HIT = 20


def around(text: str, terms: Sequence[str]) -> str:
    """The piece of a report that a line shows: its beginning, or where the words are."""
    low = text.lower()
    hits = [low.find(term) for term in terms if term in low]
    if not hits or min(hits) + BEFORE_HIT < EXCERPT // 2:
        return text[:EXCERPT]
    start = min(hits) - BEFORE_HIT
    return "…" + text[start : start + EXCERPT]


def short_place(code: str) -> str:
    """石碁镇 小龙村 第3网格: without the district, which everyone at the desk knows."""
    named = naming.parts(code)
    return " ".join(named[1:] or named)


def _cursor(case: Case) -> str:
    due = case.due_at.isoformat() if case.due_at else ""
    plain = f"{due}|{case.received_at.isoformat()}|{case.pk}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> Place | None:
    """A cursor's row; None for none, and for one that somebody typed."""
    if not cursor:
        return None
    try:
        plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        due, received, pk = plain.split("|")
        moment = datetime.fromisoformat(received)
        until = datetime.fromisoformat(due) if due else None
        if moment.tzinfo is None or (until is not None and until.tzinfo is None):
            return None
        # Python knows offsets that the database does not.
        until = None if until is None else until.astimezone(UTC)
        return Place(until, moment.astimezone(UTC), UUID(pk))
    except (ValueError, OverflowError, binascii.Error):
        return None
