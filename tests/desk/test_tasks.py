"""The pages of tasks from above: issued by a form, seen by grid, looked at, taken as a file."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import python_calamine
from django.test import Client
from django.utils import timezone

from huying.audit.models import AccessLog
from huying.tasks import doing
from huying.tasks.models import GridTask, State, Task
from tests.browser.everywhere import with_task
from tests.desk.world import COMMUNITY, GRID, LAT, LON, OTHER_GRID, World, picture

As = Callable[..., Client]


def filled_in(**more: Any) -> dict[str, Any]:
    due = timezone.localtime() + timedelta(days=3)
    form = {
        "item": "0404",
        "title": "登革热灭蚊清积水",
        "words": "翻盆倒罐，清理积水容器。",
        "due_at": f"{due:%Y-%m-%dT%H:%M}",
        "photos_least": "2",
        "grids": [GRID],
        "q1_label": "清理了几处积水？",
        "q1_kind": "number",
        "q2_label": "蚊虫多吗？",
        "q2_kind": "one_of",
        "q2_choices": "多、一般、少",
    }
    return form | more


def test_a_task_is_issued_by_the_form_and_stands_with_its_grids(world: World, as_: As) -> None:
    client = as_("dispatcher")
    page = client.get("/desk/tasks/new").content.decode()
    assert f'value="{COMMUNITY}" data-whole data-n="2"' in page
    sheet = {"file_photos": picture()}
    answer = client.post("/desk/tasks/new", filled_in(grids=[COMMUNITY]) | sheet)
    task = Task.objects.get()
    assert answer["Location"] == f"/desk/tasks/{task.pk}"
    assert (task.photos_least, task.parts.count(), task.files.count()) == (2, 2, 1)
    assert task.form is not None
    assert [row["kind"] for row in task.form.definition["questions"]] == ["number", "one_of"]
    page = client.get(answer["Location"]).content.decode()
    assert "已下达到 2 个网格" in page
    assert "陈小妹" in page
    assert "0 / 2" in page
    assert task.title in client.get("/desk/tasks/").content.decode()


def test_what_was_typed_stays_when_it_is_refused(world: World, as_: As) -> None:
    answer = as_("dispatcher").post("/desk/tasks/new", filled_in(words="", q2_choices=""))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "登革热灭蚊清积水" in page
    assert "蚊虫多吗？" in page
    assert f'value="{GRID}" checked' in page
    assert not Task.objects.exists()


def test_lists_by_how_far_grids_are(world: World, as_: As) -> None:
    part = with_task(world)
    client = as_("dispatcher")

    def grids(show: str) -> set[str]:
        page = client.get(f"/desk/tasks/{part.task_id}?show={show}").content.decode()
        parts = GridTask.objects.all()
        return {each.grid_code for each in parts if f"/desk/tasks/grids/{each.pk}" in page}

    assert grids("") == {GRID, OTHER_GRID}
    assert grids("done") == {GRID}
    assert grids("late") == grids("todo") == {OTHER_GRID}
    assert grids("back") == set()
    urge = f"/desk/tasks/{part.task_id}/urge"
    assert client.post(urge).status_code == 302
    again = client.post(urge)
    assert again.status_code == 409
    assert "一小时内已经催办过" in again.content.decode()


def test_the_evidence_is_looked_at_and_asked_for_again(world: World, as_: As) -> None:
    part = with_task(world)
    client, url = as_("checker"), f"/desk/tasks/grids/{part.pk}"
    page = client.get(url).content.decode()
    assert "走访十二户" in page
    assert "走访了几户？" in page
    assert f"/desk/tasks/photos/{part.files.get().attachment_id}" in page
    assert client.post(f"{url}/again", {"reason": ""}).status_code == 422
    assert client.post(f"{url}/again", {"reason": "照片看不清门牌"}).status_code == 302
    part.refresh_from_db()
    assert (part.state, part.round) == (State.OPEN, 1)
    page = client.get(url).content.decode()
    assert "照片看不清门牌" in page
    assert "走访十二户" not in page
    shot = world.photo("worker", "photo_after")
    doing.complete(
        part.pk, by=world.actor("worker"), now=timezone.now(), words="已补拍", photos=[shot],
        answers={"q1": 1, "q2": False},
    )  # fmt: skip
    assert client.post(f"{url}/pass").status_code == 302
    part.refresh_from_db()
    assert part.state == State.PASSED


def test_the_file_has_a_row_a_grid_and_a_column_a_question(world: World, as_: As) -> None:
    part = with_task(world)
    answer = as_("leader").get(f"/desk/tasks/{part.task_id}/file")
    book = python_calamine.load_workbook(io.BytesIO(answer.content))
    rows = book.get_sheet_by_index(0).to_python()
    head = [str(each) for each in rows[0]]
    first = dict(zip(head, rows[1], strict=True))
    assert len(rows) == 3
    assert first["网格编码"] == GRID
    assert first["走访了几户？"] == 12
    assert first["照片"] == 1
    assert rows[2][head.index("时限")] == "已超时"
    assert AccessLog.objects.filter(action="export_task").count() == 1


def test_a_case_says_while_doing_what_it_was_found(world: World, as_: As) -> None:
    part = with_task(world)
    photo = world.photo("worker", "photo_before")
    answer = as_("worker").post(
        "/desk/cases/new",
        {"channel": "patrol", "text": "飞线充电", "lon": LON, "lat": LAT, "photos": [str(photo)]},
    )
    number = answer["Location"].rsplit("/", 1)[-1]
    doing.found(part.pk, by=world.actor("worker"), now=timezone.now(), number=number)
    page = as_("leader").get(f"/desk/cases/{number}").content.decode()
    assert f"/desk/tasks/grids/{part.pk}" in page
    assert (
        f"/desk/cases/{number}"
        in as_("leader").get(f"/desk/tasks/grids/{part.pk}").content.decode()
    )
