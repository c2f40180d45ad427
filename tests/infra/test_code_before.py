"""The code of the version before lives on the tables of this one: its own story, told by itself.

tests/infra/test_neighbours.py holds its columns; here its statements run, from git. Where git has
no such commit (a shallow clone, an unpacked archive) there is nothing to run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import TEMPLATE, Server
from tests.infra.test_neighbours import BEFORE

ROOT = Path(__file__).resolve().parents[2]
MIGRATIONS = "src/huying/migrations"

STORY = """
import json
from huying import cli
with cli.needed("database"):
    from django.test import Client
    import huying
    from huying import database
    from huying.cases.models import CaseEvent
    from huying.scenarios import aoyuan, bounce, petrol, whistle

    told = {"code": huying.__file__, "missing": database.pending()}
    stories = (petrol, whistle, bounce, aoyuan)
    told["chains"] = [each.play().get("chain") for each in stories]
    told["verbs"] = sorted(set(CaseEvent.objects.values_list("verb", flat=True)))
    told["health"] = Client(HTTP_HOST="127.0.0.1").get("/healthz").status_code
print(json.dumps(told))
"""

GONE = {
    "django_htmx/__init__.py": "",
    "django_htmx/middleware.py": "def HtmxMiddleware(get_response): return get_response\n",
}
"""Packages that it had and this version has not: pages ask them, the story does not."""


def git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources of the version before: as they were until the first migration after its last."""
    try:
        if git("rev-parse", "--is-shallow-repository").strip() != b"false":
            pytest.skip("git holds the newest commits alone")
        later = {
            path.name
            for path in (ROOT / MIGRATIONS).glob("0*.py")
            if path.stem > BEFORE and "squashed" not in path.stem
        }
        if not later:
            pytest.skip("the tables are those of the version before")
        first = f"{MIGRATIONS}/{min(later)}"
        changed = git("log", "--diff-filter=A", "--format=%H", "--", first).split()
        if not changed:
            pytest.skip("git does not know the version before")
        packed = git("archive", "--format=tar", f"{changed[-1].decode()}~1", "src")
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"git has no history here: {error}")
    folder = tmp_path_factory.mktemp("before")
    subprocess.run(["tar", "-x", "-C", folder], input=packed, check=True)
    # Words are built, not in git.
    words = "huying/locale/zh_Hans/LC_MESSAGES"
    shutil.copytree(ROOT / "src" / words, folder / "src" / words)
    for name, text in GONE.items():
        path = folder / "src" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder / "src"


@pytest.fixture
def tables(postgres: Server, db: None, worker_id: str) -> Iterator[dict[str, str]]:
    """A database of this version, with what each begins with."""
    name = f"code_before_{worker_id}"
    postgres.copy(TEMPLATE, name)
    try:
        yield postgres.urls(name)
    finally:
        with postgres.admin() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.mark.slow
def test_its_own_story_from_report_to_closing(
    before: Path, tables: dict[str, str], tmp_path: Path
) -> None:
    assert (before / "huying" / "migrations" / f"{BEFORE}.py").is_file()
    own = {
        **os.environ, **tables,
        "PYTHONPATH": str(before), "HUYING_HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    own.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "-c", STORY], env=own, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["code"].startswith(str(before)), "it is not today's code that ran"
    assert told["missing"] == 0
    assert told["chains"] == ["ok"] * 4
    steps = {"report", "accept", "dispatch", "arrive", "handle", "check_pass", "close"}
    assert steps <= set(told["verbs"]), told["verbs"]
    assert told["health"] == 200
    # What it wrote this version reads, and finds whole.
    read = subprocess.run(
        [sys.executable, "-m", "huying", "verify", "--json"],
        env={**own, "PYTHONPATH": ""}, capture_output=True, text=True,
    )  # fmt: skip
    assert read.returncode == 0, read.stdout + read.stderr
