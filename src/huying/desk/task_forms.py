"""The forms of tasks from above: issuing one, and giving a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.cases.models import Attachment
from huying.clock.calendar import CIVIL_TZ
from huying.desk.fields import Documents, List, Photos, Say, When
from huying.desk.verb_form import dress, offer
from huying.forms.definition import Kind
from huying.people.acting import Actor
from huying.places import naming
from huying.places.models import CODE_LENGTH, Grid, Level
from huying.tasks import asking, issuing
from huying.tasks.asking import Asked

DAYS = 3
"""How far the proposed deadline lies ahead: the end of that day's work."""

ENDS = time(18)


class NewTask(forms.Form):
    """What is wanted, by when, and what shows that it was done; the grids are chosen beside it."""

    item = List(label=_("Item"), empty=_("choose an item"))
    title = forms.CharField(label=_("Title"), required=False, max_length=issuing.LONGEST_TITLE)
    words = Say(label=_("What the grids are to do"), rows=5)
    due_at = When(label=_("To be done by"))
    photos_least = forms.IntegerField(
        label=_("Photos at least"), required=False, min_value=0, max_value=issuing.MOST_PHOTOS
    )
    documents = Documents(label=_("Documents to send along"))
    photos = Photos(label=_("Pictures to send along"), kind=str(Attachment.Kind.OTHER))

    def __init__(self, *args: Any, actor: Actor, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(
            self, "item", [(each.code, f"{each.code} {each.name}") for each in issuing.items(now)]
        )
        day = timezone.localdate(now) + timedelta(days=DAYS)
        self.initial.setdefault("due_at", datetime.combine(day, ENDS, CIVIL_TZ))
        self.initial.setdefault("photos_least", 1)
        self.lines = _lines(self.data)
        sent = self.data
        self.chosen = frozenset(sent.getlist("grids") if isinstance(sent, QueryDict) else ())
        self.groups = tuple(groups(actor.area_code, self.chosen))
        dress(self)

    @property
    def asked(self) -> list[Asked]:
        return [Asked(line.label, line.kind, line.choices) for line in self.lines]


@dataclass(frozen=True, slots=True)
class Line:
    """One question as it stands in the form."""

    number: int
    label: str = ""
    kind: str = str(Kind.YES_NO)
    choices: str = ""

    @property
    def kinds(self) -> list[tuple[str, Any]]:
        return [(str(kind), kind.label) for kind in asking.KINDS]


def _lines(sent: Any) -> list[Line]:
    return [
        Line(
            number,
            str(sent.get(f"q{number}_label", ""))[:80],
            sent.get(f"q{number}_kind", str(Kind.YES_NO)),
            str(sent.get(f"q{number}_choices", ""))[:400],
        )
        for number in range(1, asking.MOST + 1)
    ]


@dataclass(frozen=True, slots=True)
class Group:
    """A community with its grids, or, for the district, a town with its communities.

    Attributes:
        rows: code, name and whether it is ticked.
        grids: how many grids lie in it.
    """

    code: str
    name: str
    whole: bool
    rows: tuple[tuple[str, str, bool], ...]
    grids: int

    @property
    def open(self) -> bool:
        """Whether something inside is ticked: then it is shown."""
        return any(ticked for _code, _name, ticked in self.rows)


def groups(area: str, chosen: frozenset[str]) -> Iterator[Group]:
    """What of an area may be ticked."""
    live = list(Grid.objects.within(area).live().order_by("code").values_list("code", flat=True))
    of_town = len(area) == CODE_LENGTH[Level.TOWN]
    outer = CODE_LENGTH[Level.COMMUNITY if of_town else Level.TOWN]
    inner = CODE_LENGTH[Level.GRID if of_town else Level.COMMUNITY]
    for code, within in groupby(live, key=lambda grid: grid[:outer]):
        grids = list(within)
        rows = dict.fromkeys(grid[:inner] for grid in grids)
        name = naming.own_name(code)
        yield Group(
            code=code,
            name=name,
            whole=code in chosen,
            rows=tuple((row, _short(row, name), row in chosen) for row in rows),
            grids=len(grids),
        )


def _short(code: str, within: str) -> str:
    name = naming.own_name(code)
    return name.removeprefix(within) or name


class Reason(forms.Form):
    """Why, and where it is asked for again, until when."""

    reason = Say(label=_("Reason in words"), rows=2)
    until = When(label=_("New deadline"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
