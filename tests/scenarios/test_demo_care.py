"""The demo's care list: people of its register in every way of standing, visited for a month."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from huying.care.due import Outcome
from huying.care.models import CarePerson, CareStep, CareVisit
from huying.people.demo import load_demo_people
from huying.people.models import Role
from huying.places import locating, naming
from huying.places.loading import load_demo_grids
from huying.scenarios.demo_care import load_care
from huying.scenarios.demo_registers import load_registers

NOW = datetime(2026, 3, 10, 15, 30, tzinfo=ZoneInfo("Asia/Shanghai"))

pytestmark = pytest.mark.django_db


def test_the_list_stands_in_every_way_and_the_member_takes_part() -> None:
    load_demo_grids(NOW)
    locating.refresh()
    naming.refresh()
    load_demo_people(NOW)
    load_registers(NOW)
    assert load_care(NOW) > 30
    assert load_care(NOW) == 0  # they are there already
    today = timezone.localdate(NOW)
    cares = CarePerson.objects.select_related("person", "level")
    assert {care.standing_on(today) for care in cares} >= {"late", "today", "soon", "rest"}
    assert {care.level.colour for care in cares} == {"red", "orange", "yellow"}
    minors = [care for care in cares if care.is_minor(today)]
    assert minors
    assert {care.consent for care in minors} == {"guardian"}
    assert cares.filter(member__posts__role=Role.MEMBER).count() >= 3
    outcomes = set(CareVisit.objects.values_list("outcome", flat=True))
    assert outcomes == {Outcome.WELL, Outcome.NEEDS, Outcome.NOT_MET}
    assert CareVisit.objects.filter(day=today).exists()
    assert not CareVisit.objects.filter(received_at__gt=NOW).exists()
    assert CareStep.objects.filter(verb="visit").count() == CareVisit.objects.count()
