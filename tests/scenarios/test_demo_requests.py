"""The demo's requests of people: taken at the village's desk, one near its end."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from huying.people.demo import load_demo_people
from huying.places import locating, naming
from huying.places.loading import load_demo_grids
from huying.requests.models import PersonRequest, RequestRecord
from huying.scenarios.demo_registers import load_registers
from huying.scenarios.demo_requests import load_requests

NOW = datetime(2026, 3, 10, 15, 30, tzinfo=ZoneInfo("Asia/Shanghai"))

pytestmark = pytest.mark.django_db


def test_somebody_wants_to_see_what_is_kept() -> None:
    load_demo_grids(NOW)
    locating.refresh()
    naming.refresh()
    load_demo_people(NOW)
    load_registers(NOW)
    assert load_requests(NOW) == 1  # nobody has reported anything yet
    assert load_requests(NOW) == 0
    row = PersonRequest.objects.get()
    assert row.records.filter(subject="person").exists()
    assert not RequestRecord.objects.exclude(outcome="").exists()
