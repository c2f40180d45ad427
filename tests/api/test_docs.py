"""docs/api.md: its examples run, and its page works under the content security policy."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
EXAMPLES = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.django_db(transaction=True)
def test_every_example_runs(live_server: Any, caller: Any, tmp_path: Path) -> None:
    from PIL import Image

    photo = tmp_path / "photo.jpg"
    Image.new("RGB", (40, 30), "red").save(photo)
    api = caller()
    variables = os.environ | {
        "API": f"{live_server.url}/api/v1",
        "TOKEN": api.headers["Authorization"].split()[1],
        "PHOTO": str(photo),
        "no_proxy": "*",
    }
    answers = []
    for example in EXAMPLES:
        done = subprocess.run(
            ["sh", "-euc", example], env=variables, capture_output=True, timeout=30, check=True
        )
        answer = json.loads(done.stdout)
        assert "code" not in answer, (example, answer)
        variables["NUMBER"] = variables.get("NUMBER") or answer["number"]
        answers.append(answer)
    receipt, batch, listed, verbs, commented, uploaded, piece, asked, made = answers
    assert receipt["item"] == "0203"
    assert [each["status"] for each in batch["answers"]] == [201, 201]
    assert receipt["number"] in {each["number"] for each in listed["items"]}
    assert {"comment", "accept"} <= {each["verb"] for each in verbs["items"]}
    assert commented["last_seq"] == 2
    assert uploaded["kind"] == made["kind"] == "photo_before"
    assert piece["received"] == asked["received"] == photo.stat().st_size


def test_every_code_is_on_the_page() -> None:
    from huying import errors
    from huying.api import problems

    kinds = (*vars(errors).values(), *vars(problems).values())
    codes = {
        each.code
        for each in kinds
        if isinstance(each, type) and issubclass(each, errors.HuyingError)
    } - {"error", "internal"}
    text = PAGE.read_text(encoding="utf-8")
    assert {code for code in codes if f"`{code}`" not in text} == set()


def test_the_page_has_nothing_inline_and_nothing_from_afar(client: Any, db: None) -> None:
    answer = client.get("/api/docs")
    html = answer.content.decode()
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"<style|\son\w+=|\sstyle=", html)
    sources = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert sources
    assert all(each.startswith("/static/") for each in sources)


def test_the_files_of_the_page_are_there(client: Any, db: None) -> None:
    from django.contrib.staticfiles import finders

    html = client.get("/api/docs").content.decode()
    for source in re.findall(r'(?:src|href)="/static/([^"]+)"', html):
        assert finders.find(source), source


def test_every_operation_is_described(client: Any, db: None) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    operations = [each for methods in schema["paths"].values() for each in methods.values()]
    assert len(operations) > 40
    for operation in operations:
        assert operation["summary"]
        assert operation["security"] == [{"Token": []}, {"Session": []}]
        assert "Problem" in str(operation["responses"]["422"])
    assert schema["info"]["title"] == "呼应 API"
    verbs = [path for path in schema["paths"] if "/verbs/" in path]
    assert "/api/v1/cases/{number}/verbs/dispatch" in verbs
    assert not any(path.endswith(("/overdue", "/erased")) for path in verbs)
