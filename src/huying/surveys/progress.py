"""进度: of each area how many grids are through, what was visited and entered, and looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from huying.clock.explaining import countdown_words, light_words
from huying.clock.lights import Countdown
from huying.clock.reading import calendar_for
from huying.dispatch.standing import NONE, Standing
from huying.people.acting import Actor
from huying.surveys.concerned import grids_of
from huying.surveys.models import State, Survey, SurveyEntry, SurveyGrid, SurveyTarget
from huying.tasks.deadlines import Span

Kept = SurveyEntry.State


@dataclass(slots=True)
class Progress:
    """Figures of a grid, or of an area.

    Attributes:
        grids, through: those that it reaches, and those that are through.
        targets, visited, hindered: what is to be visited; entered; cannot be.
        entries: what was entered and holds.
        sent_back, passed: of these.
        drawn, looked: for a look, and how many of those were looked at.
    """

    grids: int = 0
    through: int = 0
    targets: int = 0
    visited: int = 0
    hindered: int = 0
    entries: int = 0
    sent_back: int = 0
    passed: int = 0
    drawn: int = 0
    looked: int = 0

    @property
    def percent(self) -> int | None:
        """Of targets where there are any, else of grids; none where nothing is wanted."""
        if self.targets:
            return 100 * (self.visited + self.hindered) // self.targets
        return 100 * self.through // self.grids if self.grids else None

    @property
    def complete(self) -> bool:
        """Whether nobody has anything to do still."""
        return self.grids == self.through and not self.sent_back

    @property
    def to_look(self) -> int:
        return self.drawn - self.looked

    def add(self, other: Progress) -> None:
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def by_grid(survey: Survey, actor: Actor, within: str = "") -> dict[str, Progress]:
    """The figures of each grid that the actor sees; a community's own where no grid holds it."""
    begins = tuple(each for each in (actor.area_code, within) if each)
    found: dict[str, Progress] = {}
    for code in grids_of(survey):
        if all(code.startswith(each) for each in begins):
            found[code] = Progress(grids=1)

    def seen(rows: Any) -> Any:
        rows = rows.visible_to(actor).filter(survey=survey)
        return rows.filter(area_code__startswith=within).order_by().values("area_code")

    targets = seen(SurveyTarget.objects).annotate(
        targets=Count("pk"),
        visited=Count("pk", filter=Q(done_at__isnull=False)),
        hindered=Count("pk", filter=~Q(obstacle="")),
    )
    entries = seen(SurveyEntry.objects.living()).annotate(
        entries=Count("pk"),
        sent_back=Count("pk", filter=Q(state=Kept.SENT_BACK)),
        passed=Count("pk", filter=Q(state=Kept.PASSED)),
        drawn=Count("pk", filter=Q(sampled=True)),
        looked=Count("pk", filter=Q(sampled=True) & ~Q(state=Kept.KEPT)),
    )
    for row in (*targets, *entries):
        area = row.pop("area_code")
        each = found.setdefault(area, Progress())
        for name, n in row.items():
            setattr(each, name, n)
    finished = set(SurveyGrid.objects.filter(survey=survey).values_list("grid_code", flat=True))
    for code, each in found.items():
        visited = each.targets and each.visited + each.hindered == each.targets
        each.through = int(each.grids and (visited or code in finished or False))
    # A grid without a target in a survey that has some has nothing to do.
    if SurveyTarget.objects.filter(survey=survey).exists():
        for each in found.values():
            if not each.targets:
                each.grids = each.through = 0
    return dict(sorted(found.items()))


def by_area(figures: dict[str, Progress], length: int) -> dict[str, Progress]:
    """The same, summed up by the first digits of the codes."""
    sums: dict[str, Progress] = defaultdict(Progress)
    for code, each in figures.items():
        sums[code[:length]].add(each)
    return dict(sums)


def in_all(figures: Iterable[Progress]) -> Progress:
    whole = Progress()
    for each in figures:
        whole.add(each)
    return whole


def entered(surveys: Iterable[Survey], actor: Actor) -> dict[UUID, int]:
    """How many entries that hold the actor sees of each; one query."""
    rows = SurveyEntry.objects.visible_to(actor).living().filter(survey__in=list(surveys))
    return dict(rows.order_by().values_list("survey").annotate(Count("pk")))


def standing(survey: Survey, now: datetime, complete: bool = False) -> Standing:
    """The light and the time left of a survey that runs; none of any other."""
    if survey.state != State.OPEN or survey.due_at is None or survey.opened_at is None or complete:
        return NONE
    light = Span(survey.opened_at, survey.due_at).light(now)
    left = Countdown(light, survey.due_at - now, None, None)
    words = countdown_words(left, calendar_for(survey.district_code), now)
    return Standing(light, light_words(light), words, survey.due_at)
