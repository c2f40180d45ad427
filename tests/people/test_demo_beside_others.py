"""The demo's people where others are, or nothing is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from huying.errors import Missing
from huying.people.demo import load_demo_people
from huying.people.models import Post, Role, Unit
from huying.places.loading import load_demo_grids
from huying.places.models import Grid

pytestmark = pytest.mark.django_db


def test_units_and_leads_that_are_there_stay(
    desk: Unit, person: Any, post_of: Any, now: datetime
) -> None:
    load_demo_grids(now)
    taken = Grid.objects.order_by("code")[0].code
    lead = post_of(person("real"), "grid_worker", taken)
    load_demo_people(now)
    assert Unit.objects.get(code=desk.code).pk == desk.pk
    leads = Post.objects.filter(role=Role.GRID_WORKER, area_code=taken, duty=Post.Duty.LEAD)
    assert list(leads) == [lead]


def test_the_grids_come_first(now: datetime) -> None:
    with pytest.raises(Missing):
        load_demo_people(now)
