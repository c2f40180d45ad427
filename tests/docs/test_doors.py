"""The examples of the pages on doors run as they stand there, against a server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from huying import limiting
from huying.cases.models import Case
from huying.intake import device_alarms, hotline
from huying.intake.models import DeviceAlarm, HotlineOrder
from huying.open311 import keys

PAGES = Path(__file__).resolve().parents[2] / "docs"


def example(page: str) -> str:
    """The first example of a page in the shell, without its first lines that set variables."""
    found = re.search(r"```sh\n(.*?)```", (PAGES / page).read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    lines = found[1].splitlines()
    kept = [line for line in lines if not re.match(r"(SECRET|KEY|API)=(?!\$)", line)]
    return "\n".join(kept).replace("http://127.0.0.1:8000", "$SITE")


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_doors_run(live_server: Any, settings: Any, tmp_path: Path) -> None:
    from huying.places.locating import refresh
    from tests.desk.world import build

    settings.HUYING = settings.HUYING.model_copy(update={"webhook_networks": "127.0.0.0/8"})
    build()
    refresh()
    limiting.forget()
    now = timezone.now() - timedelta(minutes=1)
    _source, theirs, _ours = hotline.connect(
        "p12345", "12345", "https://127.0.0.1/x", area="440113", now=now
    )
    _cameras, alarms = device_alarms.connect("cams", "村口摄像头", now=now)
    _key, secret = keys.issue("随手拍", per_minute=60, now=now)

    def run(page: str, **variables: str) -> str:
        site = {"SITE": live_server.url, "API": f"{live_server.url}/open311", "no_proxy": "*"}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", example(page)],
            env=os.environ | site | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout

    told = json.loads(run("hotline.md", SECRET=theirs))
    assert told.get("order") == "20260305-0001", told
    assert HotlineOrder.objects.get().case.channel == "hotline"
    assert json.loads(run("alarms.md", SECRET=alarms))["folded"] is False
    assert DeviceAlarm.objects.get().device == "cam-017"
    said = run("open311.md", KEY=secret)
    number = Case.objects.exclude(channel="hotline").get().number
    # The number comes with the report, and again with the list.
    assert said.count(number) == 2
    assert "GeoReport_v2" in said
