"""A list as a file: what stands in it, who gets it, and what becomes of it."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from huying.audit import crypto, pieces
from huying.audit.models import AccessLog
from huying.desk import lists_kept, workbook, writing
from huying.desk.models import Export
from tests.desk.world import GRID, ITEM, World


@pytest.fixture(autouse=True)
def exports_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "exports"
    path.mkdir()
    monkeypatch.setattr(lists_kept, "folder", lambda: path)
    return path


def asked(client: Client, query: str = "tab=area") -> Export:
    assert client.post("/desk/exports", {"query": query}).status_code == 302
    return Export.objects.latest("asked_at")


def sheets(client: Client, export: Export) -> list[list[list[Any]]]:
    answer = client.get(f"/desk/exports/{export.pk}/file")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def test_the_file_holds_the_list(
    world: World, as_: Callable[..., Client], exports_apart: Path
) -> None:
    case = world.dispatched(contact_name="欧阳询", contact_phone="13926187753")
    world.reported("=cmd|' /C calc'!A0", area="440113120")
    client = as_("dispatcher")
    export = asked(client)
    assert writing.write_export(str(export.pk), "zh-hans") == 2
    rows, about = sheets(client, export)
    assert rows[0][0] == "案件编号"
    by_number = {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}
    row = by_number[case.number]
    assert row["状态"] == "待签收"
    assert (row["事项编码"], row["网格编码"]) == (ITEM, GRID)  # text, with all their digits
    local = timezone.localtime(case.received_at).replace(tzinfo=None, microsecond=0)
    assert abs(row["接报时间"] - local) <= timedelta(seconds=1)
    assert any(row["上报内容"].startswith("=cmd") for row in by_number.values())
    everything = repr((rows, about))
    assert "欧阳询" not in everything
    assert "13926187753" not in everything
    assert ["案件", "2"] in [line[:2] for line in about]
    path = lists_kept.path_of(export.pk)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [path] == list(exports_apart.iterdir())
    actions = AccessLog.objects.filter(subject_id=str(export.pk)).values_list("action", flat=True)
    assert sorted(actions) == ["export_cases", "fetch_export"]


def test_what_lies_there_is_sealed_and_bound_to_its_list(
    world: World, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE", 512)
    world.dispatched()
    client = as_("dispatcher")
    one, two = asked(client), asked(client)
    for each in (one, two):
        writing.write_export(str(each.pk), "zh-hans")
    path, other = lists_kept.path_of(one.pk), lists_kept.path_of(two.pk)
    sealed = path.read_bytes()
    assert b"PK" not in sealed[:64]
    assert b"xl/worksheets" not in sealed
    clear = b"".join(client.get(f"/desk/exports/{one.pk}/file").streaming_content)
    one.refresh_from_db()
    assert clear[:2] == b"PK"
    assert len(clear) == one.size > 512
    path.write_bytes(other.read_bytes())
    with pytest.raises(crypto.CryptoError):
        lists_kept.kept(one.pk)
    path.write_bytes(sealed[:-600])
    with pytest.raises(crypto.CryptoError):
        b"".join(lists_kept.kept(one.pk) or ())
    path.unlink()
    assert client.get(f"/desk/exports/{one.pk}/file").status_code == 404


def test_while_it_is_written_nothing_of_it_has_a_name(
    world: World, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, exports_apart: Path
) -> None:
    """A worker that is killed leaves nothing in clear."""
    monkeypatch.setattr(writing, "CHUNK", 1)
    for _ in range(2):
        world.dispatched()
    export = asked(as_("dispatcher"))
    seen: list[list[Path]] = []
    wanted, seal = writing._still_wanted, pieces.seal

    def look(each: Export, done: int) -> bool:
        seen.append(list(exports_apart.iterdir()))
        return wanted(each, done)

    def sealing(content: Any, context: pieces.Context) -> Any:
        for found in seal(content, context):
            seen.append([p for p in exports_apart.iterdir() if p.suffix != ".new"])
            yield found

    monkeypatch.setattr(writing, "_still_wanted", look)
    monkeypatch.setattr(pieces, "seal", sealing)
    assert writing.write_export(str(export.pk), "zh-hans") == 2
    assert seen == [[], [], []]


def test_filters_hold_for_the_file(world: World, as_: Callable[..., Client]) -> None:
    world.reported("电线垂落")
    wanted = world.dispatched()
    client = as_("dispatcher")
    export = asked(client, "tab=area&state=dispatched&made=up")
    assert writing.write_export(str(export.pk), "zh-hans") == 1
    assert sheets(client, export)[0][1][0] == wanted.number


def test_the_file_is_for_who_asked(world: World, as_: Callable[..., Client]) -> None:
    world.dispatched()
    export = asked(as_("dispatcher"))
    writing.write_export(str(export.pk), "zh-hans")
    for person in ("leader", "handler", "far_dispatcher"):
        assert as_(person).get(f"/desk/exports/{export.pk}/file").status_code == 404
        assert as_(person).post(f"/desk/exports/{export.pk}/cancel").status_code == 404


def test_nobody_exports_more_than_they_see(world: World, as_: Callable[..., Client]) -> None:
    world.dispatched()
    far = as_("far_dispatcher")
    export = asked(far)
    assert writing.write_export(str(export.pk), "zh-hans") == 0
    assert len(sheets(far, export)[0]) == 1


def test_a_post_that_ended_meanwhile_gets_nothing(world: World, as_: Callable[..., Client]) -> None:
    world.dispatched()
    export = asked(as_("dispatcher"))
    post = world.posts["dispatcher"]
    post.starts_on = timezone.localdate() - timedelta(days=9)
    post.ends_on = timezone.localdate() - timedelta(days=1)
    post.save()
    assert writing.write_export(str(export.pk), "zh-hans") == 0
    export.refresh_from_db()
    assert (export.state, export.trouble) == ("failed", "no_post")
    assert not lists_kept.path_of(export.pk).exists()


def test_too_many_rows_are_refused_in_words(
    world: World, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_ROWS", 1)
    world.dispatched()
    world.reported()
    client = as_("dispatcher")
    export = asked(client)
    assert writing.write_export(str(export.pk), "zh-hans") == 0
    assert "请缩小范围" in client.get("/desk/exports").content.decode()


def test_a_full_disk_is_said_and_tried_again(
    world: World, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, exports_apart: Path
) -> None:
    world.dispatched()
    client = as_("dispatcher")
    export = asked(client)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        assert writing.write_export(str(export.pk), "zh-hans") == 0
    assert "磁盘" in client.get("/desk/exports").content.decode()
    assert list(exports_apart.iterdir()) == []
    client.post(f"/desk/exports/{export.pk}/again")
    assert writing.write_export(str(export.pk), "zh-hans") == 1


@pytest.mark.parametrize(
    ("ends", "trouble"), [("raise SystemExit(28)", "disk"), ("raise SystemExit(3)", "broken")]
)
def test_what_the_writing_program_ends_with_is_said(
    world: World,
    as_: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
    exports_apart: Path,
    ends: str,
    trouble: str,
) -> None:
    world.dispatched()
    export = asked(as_("dispatcher"))
    start = writing.subprocess.Popen

    def other(command: list[str], **how: Any) -> Any:
        return start([command[0], "-c", ends], **how)

    monkeypatch.setattr(writing.subprocess, "Popen", other)
    with suppress(RuntimeError):
        writing.write_export(str(export.pk), "zh-hans")
    export.refresh_from_db()
    assert (export.state, export.trouble) == ("failed", trouble)
    assert list(exports_apart.iterdir()) == []


HEAD = {
    "title": "Cases",
    "about": "About",
    "columns": [["Number", 9, "text"], ["Returns", 7, "number"]],
}
FIRST, LAST = orjson.dumps(HEAD), orjson.dumps({"rows": [["List", "Queue"], ["Cases", "1"]]})
CASE = orjson.dumps(["4401", 2])


def test_a_list_that_was_broken_off_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    assert not workbook.write(path, [FIRST, CASE])
    assert not path.exists()
    assert workbook.write(path, [FIRST, CASE, LAST])
    book = CalamineWorkbook.from_path(path)
    assert book.get_sheet_by_name("Cases").to_python() == [["Number", "Returns"], ["4401", 2.0]]
    about = book.get_sheet_by_name("About").to_python()
    assert about == [["List", "Queue"], ["Cases", "1"]]


def test_a_list_of_none_still_has_its_titles(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    assert workbook.write(path, [FIRST, LAST])
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name("Cases").to_python()
    assert rows[0] == ["Number", "Returns"]


@pytest.mark.parametrize(("into", "scraps"), [("/dev/full", "."), ("list.xlsx", "nowhere")])
def test_the_writing_program_says_that_there_is_no_room(
    tmp_path: Path, into: str, scraps: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", workbook.__name__, str(tmp_path / into)],
        input=b"\n".join([FIRST, CASE, LAST]),
        env={**os.environ, "TMPDIR": str(tmp_path / scraps)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == workbook.FULL, done.stderr
    assert b"4401" not in done.stderr


def test_a_cancelled_one_stops(
    world: World, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, exports_apart: Path
) -> None:
    monkeypatch.setattr(writing, "CHUNK", 1)
    world.dispatched()
    world.reported()
    client = as_("dispatcher")
    export = asked(client)
    wanted = writing._still_wanted

    def cancel_first(each: Export, done: int) -> bool:
        client.post(f"/desk/exports/{export.pk}/cancel")
        return wanted(each, done)

    monkeypatch.setattr(writing, "_still_wanted", cancel_first)
    assert writing.write_export(str(export.pk), "zh-hans") == 0
    export.refresh_from_db()
    assert export.state == "cancelled"
    assert list(exports_apart.iterdir()) == []
    assert writing.write_export(str(export.pk), "zh-hans") == 0


def test_one_person_does_not_fill_the_worker(world: World, as_: Callable[..., Client]) -> None:
    client = as_("dispatcher")
    for _ in range(3):
        asked(client)
    assert client.post("/desk/exports", {"query": ""}).status_code == 409


def test_a_worker_that_stands_still_is_told_of(world: World, as_: Callable[..., Client]) -> None:
    client = as_("dispatcher")
    export = asked(client)
    Export.objects.filter(pk=export.pk).update(touched_at=timezone.now() - timedelta(minutes=2))
    page = client.get("/desk/exports").content.decode()
    assert "后台" in page
    assert f"/desk/exports/{export.pk}/again" in page


def test_files_go_after_a_day(world: World, as_: Callable[..., Client]) -> None:
    world.dispatched()
    export = asked(as_("dispatcher"))
    writing.write_export(str(export.pk), "zh-hans")
    path = lists_kept.path_of(export.pk)
    assert writing.sweep(now=timezone.now() + timedelta(hours=23)) == 0
    assert path.exists()
    assert writing.sweep(now=timezone.now() + timedelta(hours=25)) == 1
    assert not path.exists()
    assert not Export.objects.exists()


def test_what_belongs_to_no_list_goes(
    world: World, as_: Callable[..., Client], exports_apart: Path
) -> None:
    """A draft that a killed worker left, and what lay there in clear before lists were sealed."""
    world.dispatched()
    export, now = asked(as_("dispatcher")), timezone.now()
    writing.write_export(str(export.pk), "zh-hans")
    draft, clear = exports_apart / f"{'0' * 32}.new", exports_apart / f"{export.pk.hex}.xlsx"
    draft.touch()
    clear.touch()
    (exports_apart / f"{'0' * 32}.part").mkdir()
    writing.sweep(now=now)
    assert {*exports_apart.iterdir()} == {lists_kept.path_of(export.pk), draft}
    writing.sweep(now=now + timedelta(hours=2))
    assert [*exports_apart.iterdir()] == [lists_kept.path_of(export.pk)]


def test_names_and_phones_need_a_second_person_and_say_who_took_them(
    world: World, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.dispatched(contact_name="欧阳询", contact_phone="13926187753")
    client, leader = as_("dispatcher"), as_("leader")
    masked = asked(client)
    url = f"/desk/exports/{masked.pk}/contacts"
    assert "须先经本辖区领导审批" in client.get(url).content.decode()
    assert client.post(url, {"purpose": "other"}).status_code == 422
    assert client.post(url, {"purpose": "complaint", "words": "来信说无人回电"}).status_code == 302
    export = Export.objects.get(with_contacts=True)
    # Nobody agreed: nothing is written, whoever asks, and the database would not have it.
    assert writing.write_export(str(export.pk), "zh-hans") == 0
    client.post(f"/desk/exports/{export.pk}/again")
    assert Export.objects.get(pk=export.pk).state == "asked"
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.filter(pk=export.pk).update(state="waiting")
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.filter(pk=export.pk).update(state="ready", decided_by=export.account_id)

    # Who decides sees whose it is, which list, how many, and what for.
    page = leader.get("/desk/exports/asked").content.decode()
    for shown in (
        world.accounts["dispatcher"].name,
        "1 件案件",
        "核查投诉",
        "来信说无人回电",
        "本辖区",
    ):
        assert shown in page, shown
    # What comes later is not what was agreed to.
    later = world.dispatched(contact_name="欧阳修", contact_phone="13926187754")
    answer = {"export": str(export.pk), "answer": "agree"}
    assert as_("dispatcher").post("/desk/exports/asked", answer).status_code == 403
    assert leader.post("/desk/exports/asked", answer).status_code == 302
    assert leader.post("/desk/exports/asked", answer).status_code == 409
    export.refresh_from_db()
    assert (export.state, export.decided_by_id) == ("waiting", world.accounts["leader"].pk)
    assert writing.write_export(str(export.pk), "zh-hans") == 1
    rows, _about = sheets(client, export)
    assert later.number not in repr(rows)
    row = dict(zip(rows[0], rows[1], strict=True))
    assert "13926187753" in rows[1]
    assert row["导出水印"].startswith(world.accounts["dispatcher"].name)
    assert row["导出水印"].endswith(export.pk.hex[-12:])
    with zipfile.ZipFile(io.BytesIO(b"".join(lists_kept.kept(export.pk) or ()))) as book:
        printed = [book.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2)]
    assert all(export.pk.hex[-12:] in page for page in printed)
    log = AccessLog.objects.filter(action="export_contact").get()
    assert (log.subject_id, log.purpose) == (str(case.pk), "complaint")
    assert bytes(log.person) == bytes(case.contacts.get().phone_index)
    # And never more than so many: nobody is asked about a list that is too long.
    fewer = settings.HUYING.model_copy(update={"export_most_contacts": 1})
    monkeypatch.setattr(settings, "HUYING", fewer)
    again = asked(client)
    refused = client.post(f"/desk/exports/{again.pk}/contacts", {"purpose": "tell_result"})
    assert refused.status_code == 409
    assert "最多 1 件" in refused.content.decode()
    frozen = [str(case.pk), str(later.pk)]
    Export.objects.filter(pk=export.pk).update(state="waiting", frozen=frozen)
    writing.write_export(str(export.pk), "zh-hans")
    export.refresh_from_db()
    assert export.trouble == "too_many"
