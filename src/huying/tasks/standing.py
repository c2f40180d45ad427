"""How tasks stand: the light of a part, and of a whole task how many grids are how far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Q
from django.db.models.functions import Left

from huying.clock.explaining import countdown_words, light_words
from huying.clock.lights import Countdown
from huying.clock.reading import calendar_for
from huying.dispatch.standing import NONE, Standing
from huying.people.acting import Actor
from huying.tasks.models import GridTask, State


def standing(part: GridTask, now: datetime) -> Standing:
    """The light and the time left of a part that is to do; none of any other."""
    if part.state != State.OPEN:
        return NONE
    light = part.span.light(now)
    left = Countdown(light, part.due_at - now, None, None)
    words = countdown_words(left, calendar_for(part.district_code), now)
    return Standing(light, light_words(light), words, part.due_at)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many parts of a task are how far; those recalled count for nothing."""

    wanted: int = 0
    done: int = 0
    late: int = 0
    given_back: int = 0
    to_look: int = 0
    found: int = 0

    @property
    def percent(self) -> int | None:
        """None where nothing is wanted any more."""
        return 100 * self.done // self.wanted if self.wanted else None

    @property
    def running(self) -> bool:
        """Whether somebody has something to do still."""
        return self.done < self.wanted


def progress(tasks: Iterable[Any], by: Actor, now: datetime) -> dict[Any, Progress]:
    """The progress of each task, in the grids that the post sees; two queries."""
    seen = GridTask.objects.visible_to(by).filter(task__in=list(tasks)).order_by()
    rows = seen.values("task").annotate(**_counts(now)).values_list("task", *COUNTED)
    found = dict(seen.filter(found__isnull=False).values_list("task").annotate(Count("found")))
    return {task: replace(Progress(*counts), found=found.get(task, 0)) for task, *counts in rows}


def progress_by_area(task: Any, by: Actor, now: datetime, length: int) -> dict[str, Progress]:
    """The progress of one task in each area whose codes have ``length`` digits."""
    seen = GridTask.objects.visible_to(by).filter(task=task).order_by()
    areas = seen.annotate(area=Left("grid_code", length)).values("area")
    rows = areas.annotate(**_counts(now)).order_by("area").values_list("area", *COUNTED)
    return {area: Progress(*counts) for area, *counts in rows}


COUNTED: Final = ("wanted", "done", "late", "given_back", "to_look")


def _counts(now: datetime) -> dict[str, Count]:
    done, to_do = Q(state=State.DONE), Q(state=State.OPEN)
    return {
        "wanted": Count("pk", filter=~Q(state=State.CANCELLED)),
        "done": Count("pk", filter=done | Q(state=State.PASSED)),
        "late": Count("pk", filter=to_do & Q(due_at__lt=now)),
        "given_back": Count("pk", filter=Q(state=State.GIVEN_BACK)),
        "to_look": Count("pk", filter=done & Q(sampled=True)),
    }
