"""Every command that a page shows is one that there is; what is quick and harmless is run, too."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
import shlex
from pathlib import Path

import pytest

from huying import cli
from huying.api.models import Token
from huying.audit.months import named, path_of
from huying.wall.models import WallScreen
from tests.desk.world import build

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^ *```(\w*)[^\n]*\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`((?:huying|make) [^`]+)`")
BEFORE = r"(?:\$ |(?:\w+=\S* )+|[\d*]+ [\d* ]+)?"
"""What may stand before a command: a prompt, variables, the times of a crontab."""
COMMAND = re.compile(rf"^{BEFORE}((?:huying|make) .*)$")
AFTER = re.compile(r"\s+(?:#|2?>|\|\||&&).*")

NOT_RUN = {
    "make": "tests/infra holds what the targets do; they run themselves",
    "rules": "want a whole district; tests/dispatch checks, tries and publishes rules there",
    "web": "tests/infra/test_rolling.py starts and restarts it",
    "serve": "tests/infra/test_serve.py and tests/infra/test_tls.py start it",
    "backup": "tests/backup backs up and restores a data folder of its own",
    "restore": "tests/backup backs up and restores a data folder of its own",
    "import cases": "tests/intake/test_excel.py has a table for each way",
    "demo year": "takes minutes; tests/scenarios/test_year.py tells a short one",
    "keys": "tests/audit/keys_story.py lives through it in a data folder of its own",
    "suggest": "takes half a minute; tests/catalogue runs it on few rows",
    "topics": "tests/topics runs it on few rows",
}

NO_COMMAND = "huying resealed"
"""The beginning of bytes that are signed (docs/audit.md)."""


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def shown(page: Path) -> list[str]:
    """The commands in a page's blocks, without what stands before and after them."""
    found_blocks = BLOCK.findall(page.read_text("utf-8"))
    blocks = [block for language, block in found_blocks if language in {"", "sh", "console"}]
    found = (COMMAND.match(line.strip()) for block in blocks for line in block.splitlines())
    # Another command in a command's place is one word.
    return [AFTER.sub("", re.sub(r"\$\([^)]*\)", "X", each[1])) for each in found if each]


def mentioned(page: Path) -> list[str]:
    """The commands in a page's sentences."""
    found = (" ".join(each.split()) for each in SPAN.findall(page.read_text("utf-8")))
    return [each for each in found if not each.startswith(NO_COMMAND)]


def test_the_commands_are_found() -> None:
    operate = shown(ROOT / "docs" / "operate.md")
    assert "huying restore /backup/2026-11-28 --check" in operate
    assert "huying backup /backup/X" in operate
    assert "huying serve --tls" in shown(ROOT / "docs" / "field.md")
    assert "make run" in shown(ROOT / "README.md")


def refused(command: str) -> str:
    """What the parser, or the Makefile, says against a command of a block; "" if nothing."""
    words = shlex.split(command)
    if words[0] == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        wrong = {word for word in words[1:] if "=" not in word} - set(targets)
        return f"no target {wrong}" if wrong else ""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.suppress(SystemExit):
        cli._parser(words[1])[0].parse_args(words[1:])
        return ""
    return said.getvalue()


def unknown(command: str) -> str:
    """The first word of a command in a sentence that there is not; capitals stand for others."""
    program, *words = shlex.split(command)
    if program == "make":
        return refused(command)
    parser, _modules = cli._parser(words[0])
    for word in words:
        verbs = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        if word.startswith("--"):
            if word not in parser._option_string_actions:
                return word
        elif verbs and not word.isupper():
            several = word.split("|")  # check|backtest
            if lacking := set(several) - set(verbs[0].choices):
                return str(lacking)
            parser = verbs[0].choices[several[0]]
    return ""


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_commands_of_a_page_are_there(page: Path) -> None:
    wrong = {each: refused(each) for each in shown(page)}
    wrong |= {each: unknown(each) for each in mentioned(page)}
    assert not {each: said for each, said in wrong.items() if said}


def kept_back(command: str) -> bool:
    words = command.removeprefix("huying ").split()
    return bool({words[0], " ".join(words[:2])} & NOT_RUN.keys())


RUN = {
    page: commands
    for page in PAGES
    if (commands := [each for each in shown(page) if not kept_back(each)])
}


def test_what_is_not_run_is_on_some_page() -> None:
    told = {word for page in PAGES for each in shown(page) for word in
            (each.split()[0], each.split()[1], " ".join(each.split()[1:3]))}  # fmt: skip
    assert NOT_RUN.keys() <= told


BEFORE_PAGE = {
    "docs/rollups.md": [
        "huying rollups rebuild",
        "huying rollups close --area 440113 --month 2026-10",
    ],
    "docs/scores.md": ["huying rollups rebuild"],
}
"""What the worker has done long before somebody types the commands of a page."""


FIRST = {"huying token revoke 1": Token, "huying wall revoke 1": WallScreen}
"""What is the first of a new installation, and here may have another number."""


@pytest.fixture
def town(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A town with a closed case, and an empty folder; what it has for the names on the pages."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huying.cases.attaching.folder", lambda: tmp_path / "attachments")
    # A seal that is written goes back with the database; its file must not stay for other tests.
    (tmp_path / "seals").mkdir(mode=0o700)
    monkeypatch.setattr("huying.audit.sealing.seals_folder", lambda: tmp_path / "seals")
    monkeypatch.setattr("huying.audit.months.folder", lambda: tmp_path / "months")
    # The database is there, and is the test's own.
    monkeypatch.setattr(cli, "needed", lambda needs: contextlib.nullcontext())
    world = build()
    return {
        "440113120201907110000001": world.closed().number,
        "440113120-yjglb": world.units["lead"].code,
    }


@pytest.mark.parametrize("page", RUN, ids=name)
def test_the_commands_of_a_page_run_one_after_the_other(
    page: Path, town: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (*BEFORE_PAGE.get(name(page), ()), *RUN[page]):
        for said, meant in town.items():
            command = command.replace(said, meant)
        if " --head " in command:
            take_heads(Path(command.split()[-1]), capsys)
        if " --month events-" in command:
            take_month(Path(command.split()[-1]))
        if command in FIRST:
            command = command.replace("1", str(FIRST[command].objects.earliest("pk").pk))
        assert cli._run(shlex.split(command)[1:]) == 0, f"{command}: {capsys.readouterr().err}"


def take_month(to: Path) -> None:
    """Copies a month of the log, and carries its file elsewhere."""
    month = to.name.removeprefix("events-").partition(".")[0]
    assert cli._run(["archive", "--month", month]) == 0
    path_of(named(month)).rename(to)


def take_heads(to: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Seals, and carries the file of heads elsewhere."""
    capsys.readouterr()
    assert cli._run(["seal", "--json"]) == 0
    to.write_bytes(Path(json.loads(capsys.readouterr().out)["heads"]).read_bytes())
