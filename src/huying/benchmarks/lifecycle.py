"""Whole lives through the verbs, report to close, in a full database against an empty one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from huying.benchmarks.bed import Bed
from huying.benchmarks.figures import Options, at_least, figures
from huying.benchmarks.filling import fill, people
from huying.cli import CommandError, say

if TYPE_CHECKING:
    from huying.people.acting import Actor

GOAL = at_least(0.9)
VILLAGE = "440113120213"
TOWN = VILLAGE[:9]
ITEM = "0303"
"""Guidance and errands: evidence is a position and a form, so that no time goes into photos."""

OPEN_PER_MILLE = 30


def run(bed: Bed, options: Options) -> dict[str, Any]:
    from huying.cases.models import Case

    people(bed)
    bed.copy("empty")
    bed.enter("empty")
    bed.copy("full", of="empty")
    bed.enter("full")
    fill(bed, options.rows, open_per_mille=OPEN_PER_MILLE)
    rows = Case.objects.count()
    rates: dict[str, list[float]] = {"empty": [], "full": []}
    for turn in range(-1, options.rounds):
        for name in ("full", "empty"):
            bed.enter(name)
            rate = lives_per_second(options.seconds if turn >= 0 else 1.0)
            if turn >= 0:  # the round before the first only warms both up
                rates[name].append(rate)
        if turn >= 0:
            full, empty = rates["full"][-1], rates["empty"][-1]
            say(f"lifecycle {turn + 1}/{options.rounds}: {full:.1f}/s, empty {empty:.1f}/s")
    bed.drop("full")
    bed.drop("empty")
    return figures(
        "lifecycle",
        "lives/s",
        rates["full"],
        rates["empty"],
        GOAL,
        rows=rows,
        lives_per_s=median(rates["full"]),
        clients=1,
        verbs_a_life=8,
    )


@dataclass(frozen=True, slots=True)
class People:
    """Who takes part, each on a post of the demo; the spot lies in the village."""

    dispatcher: Actor
    handler: Actor
    checker: Actor
    unit: int
    lon: float
    lat: float


def cast() -> People:
    import shapely

    from huying.people.acting import actor_for
    from huying.people.models import Post, Role
    from huying.places import locating

    today = datetime.now(UTC).date()

    def actor(**where: Any) -> Actor:
        post = Post.objects.select_related("account").filter(**where).order_by("id").first()
        if post is None:
            raise CommandError(f"nobody holds a post of {where}")
        return actor_for(post, today)

    handler = actor(role=Role.HANDLER, unit__area_code=VILLAGE, unit__kind="department")
    assert handler.unit_id is not None  # a handler's post has a unit
    locating.refresh()
    index = locating.index()
    code = next(code for code in index.codes if code.startswith(VILLAGE))
    spot = shapely.point_on_surface(index.outlines[index.codes.index(code)])
    return People(
        dispatcher=actor(role=Role.DISPATCHER, area_code=VILLAGE),
        handler=handler,
        checker=actor(role=Role.CHECKER, area_code=TOWN),
        unit=handler.unit_id,
        lon=spot.x,
        lat=spot.y,
    )


def lives_per_second(seconds: float) -> float:
    """Lives one after another, by one client, for so long."""
    people_ = cast()
    lives = 0
    started = perf_counter()
    while (took := perf_counter() - started) < seconds or lives == 0:
        live(people_)
        lives += 1
    return lives / took


def live(who: People) -> None:
    """One case from report to close, each verb in its own transaction.

    Raises:
        CommandError: it did not end closed.
    """
    from huying.cases import accepting, checking, closing
    from huying.cases.models import Channel
    from huying.cases.states import State
    from huying.dispatch import ordering
    from huying.intake.reporting import Told, take
    from huying.response import handling

    case = take(
        Told(
            channel=Channel.HOTLINE,
            text="六巷陈婆婆不会用手机，想请人帮她办高龄津贴年审。",
            lon=who.lon,
            lat=who.lat,
            item=ITEM,
        ),
        by=who.dispatcher,
        now=datetime.now(UTC),
    )
    accepting.accept(case, by=who.dispatcher, now=datetime.now(UTC))
    ordering.dispatch(case, by=who.dispatcher, now=datetime.now(UTC), unit=who.unit)
    ordering.sign_for(case, by=who.handler, now=datetime.now(UTC))
    handling.arrive(case, by=who.handler, now=datetime.now(UTC), lon=who.lon, lat=who.lat)
    handling.handle(
        case,
        by=who.handler,
        now=datetime.now(UTC),
        result="已上门代办，材料齐全，当天提交。",
        form="代办事项：高龄津贴年审；办理结果：已受理",
        lon=who.lon,
        lat=who.lat,
    )
    checking.check_pass(case, by=who.checker, now=datetime.now(UTC))
    case = closing.close(case, by=who.dispatcher, now=datetime.now(UTC))
    if case.state != State.CLOSED:
        raise CommandError(f"a life ended {case.state}")
