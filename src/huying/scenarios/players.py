"""Who takes part in a story, and what is told of it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from huying.audit.verifying import verify
from huying.cases.models import Case, CaseEvent
from huying.cases.timeline import names_of_actors
from huying.clock.calendar import CIVIL_TZ
from huying.people.acting import Actor, actor_for
from huying.people.models import Account, Post, Role, Unit, UnitKind
from huying.places.loading import load_demo_grids
from huying.places.locating import refresh
from huying.places.models import Grid, level_of

Step = Callable[[str, Case, Actor], None]
"""Called after each verb of a story with its name, the case and the actor."""


def quiet(verb: str, case: Case, by: Actor) -> None:
    """A step that nobody listens to."""


def player(
    story: str, part: str, name: str, role: Role, area: str, day: date, *, unit: Unit | None = None
) -> Actor:
    """Somebody of a story, who holds the post for that day alone and gets in nobody's way later."""
    account, made = Account.objects.get_or_create(
        username=f"{story}-{part}", defaults={"name": name, "demo": True}
    )
    if made:
        account.set_unusable_password()
        account.save(update_fields=["password"])
    post, _made = Post.objects.get_or_create(
        account=account,
        role=role,
        area_code=area,
        unit=unit,
        starts_on=day,
        defaults={"district_code": area[:6], "duty": Post.Duty.SECOND, "ends_on": day},
    )
    return actor_for(post, day)


def first_grid(village: str, now: datetime) -> Grid:
    """The first grid of a village; the district's are drawn where there are none."""
    if not Grid.objects.filter(community=village).exists():
        load_demo_grids(now)
        refresh()
    return Grid.objects.filter(community=village, voided_at=None).order_by("code")[0]


def desk(area: str, name: str) -> Unit:
    """The desk of an area, made where there is none."""
    found, _made = Unit.objects.get_or_create(
        area_code=area,
        kind=UnitKind.DESK,
        defaults={
            "code": f"{area}-desk",
            "name": name,
            "level": level_of(area),
            "district_code": area[:6],
        },
    )
    return found


def department(area: str, name: str, department: str) -> Unit:
    """A department of an area, made where there is none."""
    found = Unit.objects.filter(
        area_code=area, kind=UnitKind.DEPARTMENT, department=department, active=True
    ).first()
    return found or Unit.objects.create(
        code=f"{area}-{department}",
        kind=UnitKind.DEPARTMENT,
        area_code=area,
        name=name,
        department=department,
        level=level_of(area),
        district_code=area[:6],
    )


def told(case: Case) -> dict[str, Any]:
    """What a story prints: its case, the steps as the log has them, and whether the log holds."""
    events = list(CaseEvent.objects.filter(case_id=case.pk).order_by("seq"))
    names = names_of_actors(events)
    return {
        "case": case.number,
        "steps": [
            {
                "verb": event.verb,
                "at": event.at.astimezone(CIVIL_TZ).isoformat(),
                "by": names[event.actor_kind, event.actor_id],
                "state": event.to_state,
            }
            for event in events
        ],
        "events": len(events),
        "chain": "ok" if verify(number=case.number).ok else "broken",
    }
