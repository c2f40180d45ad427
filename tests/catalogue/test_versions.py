"""A change makes a new version from a date, and the past stays as it was."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from huying.catalogue import versions
from huying.catalogue.loading import SINCE, Loaded, load_catalogue
from huying.catalogue.models import Item, ItemVersion
from huying.catalogue.validating import InvalidItem, RetiredItem, UnknownItem
from huying.catalogue.versions import activate, add, change, current, deactivate, snapshot
from huying.errors import NotAllowed
from huying.people.acting import Actor

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=30)

WHOLE: dict[str, Any] = {
    "name": "树木倾倒",
    "description": "",
    "default_level": "town",
    "lead_department": "城管执法队",
    "assisting_departments": ["消防"],
    "kind": "complex",
    "settle": False,
    "accept_limit_min": 30,
    "sign_limit_min": 60,
    "handle_limit": 1,
    "handle_clock": "work_day",
    "check_limit": 4,
    "check_clock": "work_hour",
    "total_limit_hours": None,
    "evidence": "gps",
    "photo_rule": "",
    "escalate_words": ["压到人"],
    "example": "",
}


def test_the_default_catalogue_is_there_and_loading_again_adds_nothing() -> None:
    assert load_catalogue() == Loaded(0, 0, 0)
    catalogue = snapshot(NOW)
    assert len(catalogue) == 29
    assert len({item.category_code for item in catalogue}) == 4
    petrol = catalogue["0203"]
    assert (petrol.default_level, petrol.kind) == ("town", "emergency")
    assert "汽油味" in petrol.escalate_words
    assert str(petrol.demands) == "photo_before>=1;photo_after>=1;gps"
    assert catalogue["0101"].default_level == "grid"
    assert catalogue["0101"].settle
    assert catalogue["0106"].photo_rule == "no_face"


def test_loading_again_leaves_what_was_edited(administrator: Actor) -> None:
    change("0203", by=administrator, valid_from=NOW, now=NOW, sign_limit_min=5)
    assert load_catalogue() == Loaded(0, 0, 0)
    assert current("0203", NOW).sign_limit_min == 5


def test_a_new_version_holds_from_its_date_and_the_old_one_until_then(
    administrator: Actor,
) -> None:
    old = current("0212", NOW)
    new = change("0212", by=administrator, valid_from=LATER, now=NOW, handle_limit=8)
    assert (new.version, new.handle_limit, new.name, new.author) == (2, 8, old.name, 7)
    assert current("0212", LATER - timedelta(microseconds=1)) == old
    assert current("0212", LATER) == new
    old.refresh_from_db()
    assert old.handle_limit == 16
    assert snapshot(NOW)["0212"].handle_limit == 16
    assert snapshot(LATER)["0212"].handle_limit == 8


def test_every_fault_of_a_change_is_told(administrator: Actor) -> None:
    with pytest.raises(InvalidItem) as caught:
        change(
            "0212", by=administrator, valid_from=LATER, now=NOW,
            handle_limit=0, evidence="gps;fotos", kind="quick", name=" ", colour="red",
        )  # fmt: skip
    assert [each.field for each in caught.value.problems] == ["colour"]
    with pytest.raises(InvalidItem) as caught:
        change(
            "0212", by=administrator, valid_from=LATER, now=NOW,
            handle_limit=0, evidence="gps;fotos", kind="quick", name=" ",
            escalate_words=["漏电", "漏电"], assisting_departments=["住建"],
        )  # fmt: skip
    assert {each.field for each in caught.value.problems} == {
        "handle_limit", "evidence", "kind", "name", "escalate_words", "assisting_departments",
    }  # fmt: skip
    problem = caught.value.problem()
    assert "第 5 个字符" in problem["detail_zh"]
    assert "character 5" in problem["detail"]
    assert ItemVersion.objects.filter(item="0212").count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "emergency", "settle": True}, "settle"),
        ({"total_limit_hours": 10}, "total_limit_hours"),
        ({"accept_limit_min": 10**9}, "accept_limit_min"),
        ({"photo_rule": "selfie"}, "photo_rule"),
    ],
)
def test_what_makes_no_sense_is_refused(
    administrator: Actor, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidItem) as caught:
        change("0212", by=administrator, valid_from=LATER, now=NOW, **fields)
    assert field in {each.field for each in caught.value.problems}


def test_a_change_must_change_something_and_not_the_past(administrator: Actor) -> None:
    with pytest.raises(InvalidItem, match="没有任何改动"):
        change("0212", by=administrator, valid_from=LATER, now=NOW, handle_limit=16)
    change("0212", by=administrator, valid_from=NOW, now=NOW, handle_limit=8)
    with pytest.raises(InvalidItem) as caught:
        change("0212", by=administrator, valid_from=NOW, now=NOW, handle_limit=9)
    assert [each.field for each in caught.value.problems] == ["valid_from"]
    with pytest.raises(InvalidItem) as caught:
        change("0212", by=administrator, valid_from=NOW - timedelta(1), now=LATER, handle_limit=9)
    assert [each.field for each in caught.value.problems] == ["valid_from"]


def test_a_change_may_come_before_one_that_is_planned(administrator: Actor) -> None:
    change("0212", by=administrator, valid_from=LATER, now=NOW, handle_limit=8)
    soon = NOW + timedelta(days=2)
    change("0212", by=administrator, valid_from=soon, now=NOW, handle_limit=12)
    assert current("0212", NOW).handle_limit == 16
    assert current("0212", soon).handle_limit == 12
    assert current("0212", LATER).handle_limit == 8


def test_an_item_out_of_use_takes_no_new_cases(administrator: Actor) -> None:
    deactivate("0405", by=administrator)
    with pytest.raises(RetiredItem):
        current("0405", NOW)
    assert current("0405", NOW, even_retired=True).item_id == "0405"
    assert "0405" in snapshot(NOW)
    assert "0405" not in {item.code for item in snapshot(NOW).active}
    activate("0405", by=administrator)
    assert current("0405", NOW).item_id == "0405"


def test_unknown_items_and_times_before_the_catalogue() -> None:
    with pytest.raises(UnknownItem):
        current("9999", NOW)
    with pytest.raises(UnknownItem):
        current("0203", SINCE - timedelta(seconds=1))


def test_only_administrators_change_the_catalogue(dispatcher: Actor) -> None:
    with pytest.raises(NotAllowed):
        change("0212", by=dispatcher, valid_from=LATER, now=NOW, handle_limit=8)
    with pytest.raises(NotAllowed):
        deactivate("0212", by=dispatcher)
    with pytest.raises(NotAllowed):
        add("0213", by=dispatcher, valid_from=NOW, **WHOLE)


def test_a_new_item_may_bring_its_category(administrator: Actor) -> None:
    add("0501", by=administrator, valid_from=NOW, category="园林", **WHOLE)
    assert snapshot(NOW)["0501"].category == "园林"
    with pytest.raises(InvalidItem) as caught:
        add("050", by=administrator, valid_from=NOW, **WHOLE)
    assert "code" in {each.field for each in caught.value.problems}
    with pytest.raises(InvalidItem) as caught:
        add("0502", by=administrator, valid_from=NOW, category="绿化", **WHOLE)
    assert [each.field for each in caught.value.problems] == ["category"]
    with pytest.raises(InvalidItem, match="已存在"):
        add("0501", by=administrator, valid_from=NOW, **WHOLE)


def test_a_snapshot_costs_no_query_while_nothing_changes(
    django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(versions, "_shelf", versions._shelved(lambda: clock[0]))
    first = snapshot(NOW)
    clock[0] += 0.9
    with django_assert_num_queries(0):
        assert snapshot(NOW + timedelta(days=1)) is first
    clock[0] += 0.2
    assert snapshot(NOW) is first


def test_what_another_process_changes_is_seen_within_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [100.0]
    monkeypatch.setattr(versions, "_shelf", versions._shelved(lambda: clock[0]))
    before = snapshot(NOW)
    # Written past this process's own announcements, as another process would.
    Item.objects.filter(pk="0405").update(active=False)
    clock[0] += versions.FRESH
    after = snapshot(NOW)
    assert not after["0405"].active
    assert after.key != before.key
    with connections["default"].cursor() as cursor:
        cursor.execute("UPDATE category SET name = '专项' WHERE code = '04'")
    clock[0] += versions.FRESH
    assert snapshot(NOW)["0405"].category == "专项"
