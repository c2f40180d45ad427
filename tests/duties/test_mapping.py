"""From over 400 items to 29: each old item has become exactly one, and tables are read by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from huying.catalogue.versions import snapshot
from huying.duties import mapping
from huying.duties.models import OldItem
from huying.errors import BadInput, NotAllowed
from huying.intake.excel.checking import old_items
from huying.intake.excel.headings import Column
from huying.intake.excel.rows import Table, looked_at
from huying.people.acting import SYSTEM
from tests.desk.world import DISTRICT

if TYPE_CHECKING:
    from tests.desk.world import World


@pytest.mark.django_db
def test_the_packages_list_maps_every_old_item_to_exactly_one() -> None:
    rows = mapping.package_rows()
    items = {item.code for item in snapshot(timezone.now()).active}
    assert len(rows) >= 400
    assert len({name for _code, name, _item in rows}) == len(rows)
    assert len({code for code, _name, _item in rows}) == len(rows)
    assert {item for _code, _name, item in rows} == items
    assert not mapping.preview(rows, DISTRICT, timezone.now()).problems


def test_a_table_of_cases_is_read_by_the_map(world: World) -> None:
    now, by = timezone.now(), world.actor("dispatcher")
    mapping.bring_in(mapping.package_rows(), DISTRICT, by=SYSTEM, now=now)
    places = {Column.TEXT: 0, Column.ITEM: 1}
    cells = [
        (2, ["路口有人摆卖", "流动摊贩"]),
        (3, ["井盖坏了", "BJ001"]),
        (4, ["不明", "没有的事项"]),
    ]
    rows = list(looked_at(Table(["描述", "事项"], places, cells), by=by, now=now))
    assert [row.report.item_code if row.report else "" for row in rows] == ["0211", "0212", ""]
    assert rows[2].troubles
    said = old_items(rows, lambda code: snapshot(now)[code].name)
    assert said[0] == {"old": "流动摊贩", "item": "0211 市容环境和占道经营", "n": 1}


def test_the_map_is_changed_with_its_history_and_tables_are_looked_over_first(
    world: World, as_: Callable[..., Client]
) -> None:
    now, office = timezone.now(), world.actor("district_dispatcher")
    with pytest.raises(NotAllowed):
        mapping.put(("", "占道", "0211"), DISTRICT, by=world.actor("dispatcher"), now=now)
    row = mapping.put(("A1", "占道", "0211"), DISTRICT, by=office, now=now)
    with pytest.raises(BadInput):
        mapping.put(("", "占道", "0212"), DISTRICT, by=office, now=now)
    mapping.put(("A1", "占道", "0402"), DISTRICT, instead_of=row.pk, by=office, now=now)
    assert mapping.mapping(DISTRICT) == {"占道": "0402", "A1": "0402"}
    assert OldItem.objects.get(pk=row.pk).ended_at is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        OldItem.objects.filter(pk=row.pk).update(ended_at=None)
    client = as_("district_dispatcher")
    table = "旧代码,旧名称,新事项\nA1,占道,0211\nA2,井盖,道路和市政设施破损\n"
    file = SimpleUploadedFile("旧.csv", table.encode("gb18030"))
    looked = client.post("/desk/duties/map/look", {"file": file})
    assert looked.status_code == 200
    assert "0402" in looked.content.decode()
    assert mapping.mapping(DISTRICT)["占道"] == "0402"
    wrong = client.post("/desk/duties/map/take", {"text": table + ",占道,0211\n"})
    assert wrong.status_code == 422
    assert client.post("/desk/duties/map/take", {"text": table}).status_code == 302
    assert mapping.mapping(DISTRICT) == {"占道": "0211", "A1": "0211", "井盖": "0212", "A2": "0212"}
    assert as_("dispatcher").post("/desk/duties/map/take", {"text": table}).status_code == 403
    assert "井盖" in as_("worker").get("/desk/duties/map/?q=井盖").content.decode()
