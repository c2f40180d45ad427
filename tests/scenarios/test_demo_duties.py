"""The demo's plan of measures, list, applications and evaluations: there once, and gone again."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from huying.catalogue.versions import snapshot
from huying.duties.models import Admission, DutyList, OldItem
from huying.measures.models import Evaluation, Measure
from huying.measures.progress import Stand, progress_of
from huying.people.demo import load_demo_people
from huying.places import locating, naming
from huying.places.loading import load_demo_grids
from huying.scenarios.demo_duties import load_duties, unload_duties

NOW = datetime(2026, 3, 10, 15, 30, tzinfo=ZoneInfo("Asia/Shanghai"))

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_the_plan_has_32_measures_in_every_way_of_standing() -> None:
    load_demo_grids(NOW)
    locating.refresh()
    naming.refresh()
    load_demo_people(NOW)
    assert load_duties(NOW) == 32
    assert load_duties(NOW) == 0  # it is there already
    rows = Measure.objects.prefetch_related("milestones")
    stands = {progress_of(row.milestones.all(), row.due_on, NOW.date()).stand for row in rows}
    assert {Stand.DONE, Stand.LATE, Stand.GOING} <= stands
    assert DutyList.objects.get().state == "published"
    assert OldItem.objects.count() > 400
    assert set(Admission.objects.values_list("state", flat=True)) == {"submitted", "trial"}
    assert Evaluation.objects.filter(state="approved").count() >= 3
    tried = Admission.objects.get(state="trial")
    assert tried.item_code not in {item.code for item in snapshot(NOW).active}

    unload_duties("owner")
    assert not Admission.objects.exists()
    assert tried.item_code not in snapshot(NOW), "its code is free again"
