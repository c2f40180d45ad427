"""The questions of an item on the desk: written, asked with a new case, shown and exported."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from huying.audit.models import AccessLog
from huying.cases.models import Case
from huying.desk import lists_kept, question_form, writing
from huying.desk.models import Export
from huying.forms import versions
from huying.forms.definition import faults_of
from huying.intake.reporting import owner_of
from huying.people.acting import SYSTEM
from huying.people.models import Account, Post, Role
from tests.desk.world import DISTRICT, ITEM, World, picture
from tests.forms.generated import FUEL_FORM

As = Callable[..., Client]
OWNER = owner_of(ITEM)
PAGE = f"/desk/questions/{ITEM}"
TOLD = {"channel": "hotline", "text": "有人在一楼存放汽油", "item": ITEM, "area": "440113120213"}
ANSWERS = {
    "q.fuel": "petrol",
    "q.litres": "1500",
    "q.upstairs": "yes",
    "q.owner": "13800001111",
}


@pytest.fixture
def asked(db: None) -> None:
    now = timezone.now()
    versions.write(OWNER, FUEL_FORM, by=SYSTEM, now=now)
    versions.publish(OWNER, by=SYSTEM, now=now)


@pytest.fixture
def admin(world: World, as_: As, monkeypatch: pytest.MonkeyPatch) -> Client:
    """An administrator; of the second factor other tests tell."""
    monkeypatch.setattr("huying.people.second_factor.was_used", lambda *_: True)
    monkeypatch.setattr("huying.people.second_factor.is_set_up", lambda *_: True)
    world.accounts["admin"] = Account.objects.create(username="t-admin", name="管理员乙")
    Post.objects.create(
        account=world.accounts["admin"],
        role=Role.ADMINISTRATOR,
        area_code=DISTRICT,
        district_code=DISTRICT,
        starts_on=timezone.localdate(),
    )
    return as_("admin")


def page(client: Client, url: str, *, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def fields(*rows: dict[str, str], do: str = "save") -> dict[str, str]:
    sent = {f"{n}.{name}": value for n, row in enumerate(rows) for name, value in row.items()}
    return sent | {"count": str(len(rows)), "do": do}


FUEL = {"id": "fuel", "kind": "one_of", "label": "油品", "choices": "petrol = 汽油\n柴油"}
LITRES = {"kind": "number", "label": "多少升", "unit": "升", "min": "1", "whole": "on",
          "when_is": "=", "when_on": "fuel", "when_value": "汽油、柴油"}  # fmt: skip


def test_an_administrator_writes_tries_and_publishes_questions(admin: Client) -> None:
    assert "尚未发布" in page(admin, PAGE)
    answer = admin.post(PAGE, fields(FUEL, do="add"))
    assert answer.headers["Location"] == f"{PAGE}?at=1#card-1"
    half = page(admin, f"{PAGE}?at=1")
    assert "没有写问题的文字" in half
    assert 'name="1.label" value="" autofocus' in half
    assert admin.post(PAGE, fields(FUEL, {"kind": "text"}, do="publish")).status_code == 422
    assert versions.in_force(OWNER) is None

    tried = admin.post(f"{PAGE}/preview", fields(FUEL, LITRES)).content.decode()
    assert "还有错误" not in tried
    assert "仅当“油品”是汽油或柴油时填写。" in tried
    assert admin.post(PAGE, fields(FUEL, LITRES, do="publish")).status_code == 302
    form = versions.in_force(OWNER)
    assert form is not None
    assert form.written["questions"] == [
        {"id": "fuel", "kind": "one_of", "label": "油品",
         "choices": [{"value": "petrol", "label": "汽油"}, {"value": "柴油", "label": "柴油"}]},
        {"id": "q1", "kind": "number", "label": "多少升", "min": 1, "whole": True, "unit": "升",
         "when": 'fuel in ("petrol", "柴油")'},
    ]  # fmt: skip
    assert "管理员乙" in page(admin, PAGE)
    assert "&quot;petrol&quot;" in page(admin, f"{PAGE}/1")
    assert "2 个问题，第 1 版" in page(admin, "/desk/questions/")
    page(admin, f"{PAGE}/2", status=404)
    page(admin, "/desk/questions/9999", status=404)


@pytest.mark.parametrize(
    "when",
    [
        "", 'fuel = "petrol"', 'not fuel = "petrol"', 'fuel in ("petrol", "none")',
        'not fuel in ("petrol", "none")', "litres >= 100", "answered(fuel)", "upstairs = yes",
        'fuel = "petrol" and litres > 3', "not answered(fuel)",
    ],
)  # fmt: skip
def test_what_is_written_goes_through_the_fields_unchanged(when: str) -> None:
    rows = [*FUEL_FORM["questions"], {"id": "last", "kind": "text", "label": "？"}]
    if when:
        rows[-1]["when"] = when
    form = {"questions": rows}
    assert faults_of(form) == []
    sent = {"count": str(len(rows))}
    for n, card in enumerate(question_form.cards(form)):
        held = card | {"choices": card["choices_text"]}
        shown = card["shown"]
        held |= {"when_is": shown.sign, "when_on": shown.on, "when_value": shown.value}
        held |= {"when": shown.written}
        sent |= {f"{n}.{k}": str(v) for k, v in held.items() if v is not False and v is not None}
    assert question_form.sent(sent) == form


def test_questions_are_moved_and_removed() -> None:
    form = {"questions": [{"id": each} for each in "abc"]}

    def ids(what: str) -> tuple[str, int]:
        found, at = question_form.changed(form, what)
        return "".join(row["id"] for row in found["questions"]), at

    assert [ids(each) for each in ("up:1", "down:1", "remove:0", "up:0", "down:2", "x:1")] == [
        ("bac", 0), ("acb", 2), ("bc", 0), ("abc", 0), ("abc", 2), ("abc", 1),
    ]  # fmt: skip
    assert ids("remove:77") == ("abc", 2)


@pytest.mark.usefixtures("asked")
def test_a_new_case_asks_what_its_item_asks(world: World, as_: As) -> None:
    client = as_("dispatcher")
    part = page(client, f"/desk/cases/new/questions?item={ITEM}")
    assert "约多少升" in part
    assert "data-questions=" in part
    assert page(client, "/desk/cases/new/questions?item=0303").strip() == ""
    # Sent before the questions were there, or without what is needed: nothing typed is lost.
    answer = client.post("/desk/cases/new", TOLD | {"q.litres": "0", "q.fuel": "petrol"})
    again = answer.content.decode()
    assert answer.status_code == 422
    assert "最少 1。" in again
    assert 'value="petrol" checked' in again
    assert "有人在一楼存放汽油" in again
    assert not Case.objects.exists()

    sent = TOLD | ANSWERS | {"file_q.shot": picture()}
    assert client.post("/desk/cases/new", sent).status_code == 302
    case = Case.objects.get()
    assert case.attachments.count() == 1
    shown = page(client, f"/desk/cases/{case.number}")
    for words in ("事项填报内容", "约多少升", "1500 升", "138****1111", "1 张照片"):
        assert words in shown
    assert "13800001111" not in shown


@pytest.mark.usefixtures("asked")
def test_masked_answers_are_shown_for_a_purpose_and_it_is_recorded(world: World, as_: As) -> None:
    case = world.dispatched(answers={"fuel": "petrol", "owner": "13800001111"})
    client, url = as_("dispatcher"), f"/desk/cases/{case.number}/answers"
    assert client.post(url, {}).status_code == 422
    assert not AccessLog.objects.exists()
    assert "13800001111" in client.post(url, {"purpose": "meet"}).content.decode()
    assert AccessLog.objects.get().action == "reveal_answers"
    paper = page(client, f"/desk/cases/{case.number}/sheets/order")
    assert "油品：汽油" in paper
    assert "138****1111" in paper


@pytest.mark.usefixtures("asked")
def test_a_list_of_one_item_has_a_column_for_each_question(
    world: World, as_: As, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists_kept, "folder", lambda: tmp_path)
    world.dispatched(answers={"fuel": "petrol", "litres": 20, "owner": "13800001111"})
    world.dispatched()
    client = as_("dispatcher")

    def rows(query: str) -> list[dict[str, Any]]:
        client.post("/desk/exports", {"query": query})
        export = Export.objects.latest("asked_at")
        writing.write_export(str(export.pk), "zh-hans")
        answer = client.get(f"/desk/exports/{export.pk}/file")
        book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
        head, *lines = book.get_sheet_by_index(0).to_python()
        return [dict(zip(head, line, strict=True)) for line in lines]

    of_item = rows(f"tab=area&item={ITEM}")
    assert [(r["油品"], r["约多少升"], r["店主电话"]) for r in of_item] == [
        ("", "", ""),
        ("汽油", "20 升", "138****1111"),
    ]
    mixed = rows("tab=area")
    assert mixed[1]["填报内容"] == "油品：汽油\n约多少升：20 升\n店主电话：138****1111"


def test_the_desk_asks_and_answers_on_the_case_page(world: World, as_: As, asked: None) -> None:
    case = world.reported("一楼存放汽油", answers={"fuel": "petrol", "owner": "13800001111"})
    case, desk = world.held_by_town(case), as_("dispatcher")
    at = f"/desk/cases/{case.number}"
    assert "填写事项问题" in page(desk, at)
    shown = page(desk, f"{at}/answer_questions")
    assert 'value="petrol" checked' in shown
    assert "13800001111" not in shown
    assert "以前已填写，留空则保持不变。" in shown
    bad = desk.post(f"{at}/answer_questions", {"q.fuel": "petrol", "q.litres": "200"})
    assert bad.status_code == 422
    assert 'id="bad-q.upstairs"' in bad.content.decode()
    good = {"q.fuel": "none", "q.litres": "", "file_q.shot": picture()}
    assert desk.post(f"{at}/answer_questions", good).status_code == 302
    told = page(desk, at)
    for words in ("以前的回答", "没有", "138****1111", "1 张照片"):
        assert words in told
    # Of an item that asks nothing there is no such button.
    plain = world.held_by_town(world.reported(item="0304"))
    assert "填写事项问题" not in page(desk, f"/desk/cases/{plain.number}")
