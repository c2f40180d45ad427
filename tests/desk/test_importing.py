"""Sending a table, looking at what was found, and having it taken in, as the page does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huying.audit.models import AccessLog
from huying.intake.excel import keeping, taking
from huying.intake.models import CaseImport
from huying.people.turns import AT_ONCE
from tests.desk.world import World

TABLE = (
    "问题描述,村(社区),反映人,联系电话\n"
    "东街口垃圾堆了三天,小龙村,欧阳询,13926187753\n"
    "路灯不亮,没有这个村,,\n"
)


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def telling(*_: Any) -> Iterator[Callable[[int], bool]]:
        yield lambda done: True

    monkeypatch.setattr(keeping, "folder", lambda: tmp_path)
    monkeypatch.setattr(taking, "telling", telling)


def sent(client: Client, text: str = TABLE) -> CaseImport:
    answer = client.post("/desk/imports/", {"file": SimpleUploadedFile("台账.csv", text.encode())})
    assert answer.status_code == 302
    return CaseImport.objects.latest("sent_at")


def test_from_the_upload_to_the_list_of_cases(world: World, as_: Callable[..., Client]) -> None:
    client = as_("dispatcher")
    made = sent(client)
    url = f"/desk/imports/{made.pk}"
    assert "等待检查" in client.get(url).content.decode()
    taking.check_table(str(made.pk), "zh-hans")
    page = client.get(url).content.decode()
    assert "没有这个镇街或村(社区)" in page
    assert "139****7753" in page
    assert "13926187753" not in page
    assert client.post(f"{url}/confirm").status_code == 409
    mended = client.get(f"{url}/reasons.xlsx")
    assert mended.status_code == 200
    assert client.post(f"{url}/confirm", {"only_good": "on", "quiet": "on"}).status_code == 302
    assert taking.import_cases(str(made.pk), "zh-hans") == 1
    case = made.cases.get().case
    assert not case.alarms
    page = client.get(url).content.decode()
    assert f"/desk/cases/{case.number}" in page
    assert "有 1 行没有导入" in page
    done = AccessLog.objects.filter(subject_id=str(made.pk)).values_list("action", flat=True)
    assert sorted(done) == ["fetch_import_reasons", "import_cases", "send_case_import"]


def test_nobody_else_sees_it_and_a_second_table_waits_its_turn(
    world: World, as_: Callable[..., Client]
) -> None:
    client = as_("dispatcher")
    made = sent(client)
    far = as_("far_dispatcher")
    assert far.get(f"/desk/imports/{made.pk}").status_code == 404
    assert far.post(f"/desk/imports/{made.pk}/confirm").status_code == 404
    for _ in range(AT_ONCE - 1):
        sent(client)
    file = SimpleUploadedFile("台账.csv", TABLE.encode())
    assert client.post("/desk/imports/", {"file": file}).status_code == 429


def test_the_template_can_be_fetched(world: World, as_: Callable[..., Client]) -> None:
    answer = as_("dispatcher").get("/desk/imports/template.xlsx")
    assert answer.status_code == 200
    assert answer.content[:2] == b"PK"
