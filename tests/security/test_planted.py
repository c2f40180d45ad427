"""A name and a phone are planted through each door, and then looked for everywhere."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from huying.audit.models import AccessLog
from huying.backup.programs import for_major
from huying.cases.models import Case, CaseContact
from huying.desk import lists_kept, writing
from huying.desk.models import Export
from huying.intake import hotline
from huying.intake.excel import keeping, taking
from huying.intake.models import CaseImport
from huying.reports import making, typesetting
from huying.reports.models import MadeReport
from tests.desk.world import TOWN, World
from tests.exchange.simulator import Hotline
from tests.security.hunting import everything, files, held, in_files

NAME, PHONE = "欧阳询之", "13926187753"


def token() -> str:
    from huying.api.models import Integration
    from huying.api.tokens import issue
    from huying.people.models import Role

    now = timezone.now()
    integration = Integration.objects.create(
        name="planted", role=Role.DISPATCHER, area_code=TOWN, created_at=now
    )
    scopes = ["read", "report", "verbs", "attach", "locate"]
    _row, secret = issue(integration, scopes=scopes, days=1, now=now)
    return secret


@pytest.fixture
def planted(
    world: World, as_: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> list[Case]:
    """Reported by the desk's form, the interface, a batch of it; revealed; walked to the end."""
    caplog.set_level(logging.DEBUG)
    before = set(Case.objects.values_list("pk", flat=True))
    desk = as_("dispatcher")
    sent = {"channel": "hotline", "text": "路灯不亮", "area": TOWN}
    sent |= {"contact_name": NAME, "contact_phone": PHONE}
    assert desk.post("/desk/cases/new", sent).status_code == 302
    # A form that is refused is shown again, and kept nowhere.
    assert desk.post("/desk/cases/new", sent | {"text": ""}).status_code == 422

    bearer = {"Authorization": f"Bearer {token()}"}

    def tell(path: str, body: Any) -> Any:
        return Client().post(
            f"/api/v1{path}",
            json.dumps(body),
            content_type="application/json",
            headers=bearer | {"Idempotency-Key": uuid.uuid4().hex},
        )

    one = {"text": "井盖松动", "contact": {"name": NAME, "phone": PHONE}}
    assert tell("/cases", one).status_code == 201
    batch = tell("/cases/batch", {"reports": [one | {"key": "b1"}]})
    assert batch.status_code == 200, batch.content
    assert tell("/cases", one | {"contact": {"name": NAME, "phone": PHONE + "x"}}).status_code > 400
    made = list(Case.objects.exclude(pk__in=before))
    assert CaseContact.objects.filter(case__in=made).count() == len(made) == 3

    case = world.handled(contact_name=NAME, contact_phone=PHONE)
    answer = desk.post(f"/desk/cases/{case.number}/contact", {"purpose": "ask_details"})
    assert PHONE in answer.content.decode()
    assert NAME not in desk.get(f"/desk/cases/{case.number}").content.decode()
    return [*made, case]


def test_no_table_holds_them_in_clear(planted: list[Case]) -> None:
    found = {
        table
        for table, text in everything()
        if NAME in text or PHONE in text or NAME.encode().hex() in text
    }
    assert not found
    # What is looked for would be found: the words of the report are there.
    assert any("井盖松动" in text for _table, text in everything())


def test_no_log_holds_them(planted: list[Case], caplog: pytest.LogCaptureFixture) -> None:
    ours = [record for record in caplog.records if record.name != "django.db.backends"]
    assert not [r.name for r in ours if NAME in r.getMessage() or PHONE in r.getMessage()]


def test_no_file_holds_them(planted: list[Case], tmp_path: Path) -> None:
    assert not in_files([NAME, PHONE], Path(settings.HUYING.home), tmp_path)


def listed_with_names(world: World, as_: Callable[..., Client], query: str) -> Export:
    """An exported list with names and phones that a leader agreed to, written."""
    desk, who = as_("dispatcher"), {"purpose": "tell_result"}
    assert desk.post("/desk/exports", {"query": query}).status_code == 302
    masked = Export.objects.latest("asked_at")
    assert desk.post(f"/desk/exports/{masked.pk}/contacts", who).status_code == 302
    export = Export.objects.get(with_contacts=True)
    agreed = {"export": str(export.pk), "answer": "agree"}
    assert as_("leader").post("/desk/exports/asked", agreed).status_code == 302
    for each in (masked, export):
        assert writing.write_export(str(each.pk), "zh-hans") > 0
    return export


def test_no_file_of_a_list_with_names_holds_them(
    planted: list[Case],
    world: World,
    as_: Callable[..., Client],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lists_kept, "folder", lambda: tmp_path)
    export = listed_with_names(world, as_, "tab=area")
    fetch = f"/desk/exports/{export.pk}/file"
    body = b"".join(as_("dispatcher").get(fetch).streaming_content)
    assert held(body, [NAME, PHONE]) == [NAME, PHONE]
    path = lists_kept.path_of(export.pk)
    assert path in files(tmp_path)
    assert not in_files([NAME, PHONE], Path(settings.HUYING.home), tmp_path)
    # Packed as it was, it would be found.
    path.write_bytes(body)
    assert in_files([NAME, PHONE], tmp_path) == [(path, [NAME, PHONE])]


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address that is asked for, led to, or stands on a page, for whichever client."""
    noted: list[str] = []
    whole = Client.request

    def request(client: Client, **environ: Any) -> Any:
        noted.append(f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}")
        answer = whole(client, **environ)
        noted.extend(map(str, answer.headers.values()))
        if not answer.streaming:
            noted.extend(ADDRESS.findall(answer.content.decode(errors="replace")))
        return answer

    monkeypatch.setattr(Client, "request", request)
    return noted


ADDRESS = re.compile(r"""(?:href|src|action|hx-[a-z-]+|data-[a-z-]+)=["']([^"']*)""")


def test_no_address_carries_them(
    addresses: list[str], planted: list[Case], world: World, as_: Callable[..., Client]
) -> None:
    """Whatever is asked on the way: a number alone or among words, a caller who is known.

    A page from which one may call has the number to be called on it; nothing is asked by that.
    """
    desk, case = as_("dispatcher"), planted[0]
    for words in (PHONE, f"路灯 {PHONE}", f"路灯{ID}"):
        for path, field in (("find", "q"), ("jump", "q"), ("calls/caller", "phone")):
            for htmx in ({}, {"HX-Request": "true"}):
                desk.post(f"/desk/{path}", {field: words}, follow=True, headers=htmx)
    found = desk.post("/desk/find", {"q": PHONE}, follow=True)
    assert case.number in found.content.decode(), "it is found by its phone"
    one = f"/desk/cases/{case.number}"
    for path in ("/desk/cases/new", "/desk/today/", "/desk/callbacks", one, f"{one}/contact"):
        desk.get(path, follow=True)
    page = desk.get("/desk/?tab=area", follow=True).content.decode()
    assert NAME not in page
    assert PHONE not in page
    assert len(addresses) > 500
    assert "/desk/cases/new?" in addresses
    told = [each for each in addresses if any(x in unquote(each) for x in (NAME, PHONE, ID))]
    assert {*told} <= {f"tel:{PHONE}"}


def test_no_wall_report_figure_or_page_of_an_error_tells_them(
    planted: list[Case],
    world: World,
    as_: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is set for paper is looked at before it is set: in a PDF file words are shapes."""
    shown: list[bytes] = []
    whole = typesetting._compiler

    def noted(sheet: str, said: dict[str, Any]) -> Any:
        shown.append(json.dumps(said, ensure_ascii=False, default=str).encode())
        return whole(sheet, said)

    monkeypatch.setattr(typesetting, "_compiler", noted)
    leader, desk = as_("leader"), as_("dispatcher")
    today = timezone.localdate().isoformat()
    asked = {"area": TOWN, "kind": "weekly", "day": today}
    assert desk.post("/desk/reports", asked).status_code == 302
    made = MadeReport.objects.get()
    making.make_report(str(made.pk))
    assert shown
    for kind in ("pdf", "xlsx"):
        file = b"".join(desk.get(f"/desk/reports/{made.pk}/{kind}").streaming_content)
        shown.append(file)
        if kind == "xlsx":
            with ZipFile(io.BytesIO(file)) as parts:
                shown += [parts.read(name) for name in parts.namelist()]
    for client in (leader, desk, Client()):
        for path in (
            "/wall/now", "/wall", "/desk/figures/", "/desk/map/", "/desk/process/", "/healthz",
            "/open311/v2/requests.json", "/sum", "/desk/cases/440113000000000000000",
            f"/desk/cases/new/hints?text={PHONE[:3]}", "/metrics",
        ):  # fmt: skip
            shown.append(client.get(path).content)

    def fails(*_: Any, **__: Any) -> Any:
        raise RuntimeError(f"{NAME} {PHONE}")

    monkeypatch.setattr("huying.desk.pages.queue.page", fails)
    broken = as_("dispatcher", raise_request_exception=False).get("/desk/?tab=area")
    assert broken.status_code == 500
    shown.append(broken.content)
    assert len(shown) > 30
    assert not [part[:80] for part in shown if NAME.encode() in part or PHONE.encode() in part]


ID = "440113198001010018"
TYPED = f"身份证{ID}，电话{PHONE}"


def test_numbers_typed_into_words_are_nowhere_in_clear_after_all_doors(
    transactional_db: None,
    world: World,
    as_: Callable[..., Client],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An id and a phone through each door, then the whole database as pg_dump writes it."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(keeping, "folder", lambda: tmp_path)
    before = Case.objects.count()
    desk = as_("dispatcher")
    who = {"contact_name": NAME, "contact_phone": PHONE}
    sent = {
        "channel": "hotline",
        "text": f"路灯不亮，{TYPED}",
        "area": TOWN,
        "address": TYPED,
    } | who
    assert desk.post("/desk/cases/new", sent).status_code == 302
    call = {"key": "call-1", "text": f"没水，{TYPED}", "area": TOWN} | who
    assert desk.post("/desk/calls/new", call, headers={"HX-Request": "true"}).status_code == 200
    bearer = {"Authorization": f"Bearer {token()}", "Idempotency-Key": uuid.uuid4().hex}
    body = {"text": f"井盖松动，{TYPED}", "contact": {"name": NAME, "phone": PHONE}}
    answer = Client().post(
        "/api/v1/cases", json.dumps(body), content_type="application/json", headers=bearer
    )
    assert answer.status_code == 201
    now = timezone.now() - timedelta(minutes=5)
    with_them = settings.HUYING.model_copy(update={"webhook_networks": "127.0.0.0/8"})
    monkeypatch.setattr(settings, "HUYING", with_them)
    _source, theirs, _ours = hotline.connect(
        "p1", "12345", "https://127.0.0.1/x", area=TOWN, now=now
    )
    order = {"id": "m1", "type": "order", "order": "o-1", "text": f"噪音，{TYPED}"}
    order |= {"caller": {"name": NAME, "phone": PHONE}}
    Hotline("p1", theirs, 0).post(order)
    table = f"问题描述,村(社区),反映人,联系电话\n垃圾，{TYPED},小龙村,{NAME},{PHONE}\n"
    upload = SimpleUploadedFile("台账.csv", table.encode())
    assert desk.post("/desk/imports/", {"file": upload}).status_code == 302
    made = CaseImport.objects.get()
    taking.check_table(str(made.pk), "zh-hans")
    assert desk.post(f"/desk/imports/{made.pk}/confirm", {"quiet": "on"}).status_code == 302
    taking.import_cases(str(made.pk), "zh-hans")
    assert Case.objects.count() == before + 5
    case = world.held_by_town(world.reported())
    world.do(case, "comment", "dispatcher", text=TYPED)
    world.do(case, "pin", "dispatcher", address=TYPED)

    server = for_major(connection.pg_version // 10000)
    database = connection.settings_dict
    environment = os.environ | {"PGPASSWORD": str(database["PASSWORD"])}
    where = [f"--{k}={database[k.upper()]}" for k in ("host", "port")]
    owner = connections["owner"].settings_dict
    dump = subprocess.run(
        [server.path("pg_dump"), *where, f"--username={owner['USER']}", str(database["NAME"])],
        env=environment | {"PGPASSWORD": str(owner["PASSWORD"])},
        capture_output=True,
        check=True,
    ).stdout.decode()
    assert "路灯不亮" in dump
    looked_for = [NAME, PHONE, ID]
    for each in looked_for:
        assert each not in dump
        assert each.encode().hex() not in dump
    assert not [table for table, text in everything() if any(each in text for each in looked_for)]
    ours = [r.getMessage() for r in caplog.records if r.name != "django.db.backends"]
    assert not [said for said in ours if any(each in said for each in looked_for)]
    assert not in_files(looked_for, Path(settings.HUYING.home), tmp_path)

    # Who needs them is shown them, and only then.
    page = desk.get(f"/desk/cases/{case.number}").content.decode()
    assert PHONE not in page
    assert "139****7753" in page
    shown = desk.post(f"/desk/cases/{case.number}/words", {"purpose": "ask_details"})
    assert TYPED in shown.content.decode()
    assert AccessLog.objects.get(action="reveal_words").subject_id == str(case.pk)
