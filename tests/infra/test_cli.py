"""Every command has its help; with --json standard output is one object."""

from __future__ import annotations

import argparse
import json
import types
from typing import Any

import pytest

from huying import cli
from huying.errors import BadInput


@pytest.mark.parametrize("name", cli.names())
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main([name, "--help"])
    assert left.value.code == 0
    assert "--json" in (out := capsys.readouterr().out) or "VERB" in out or "{" in out


def command(run: Any) -> types.ModuleType:
    module = types.ModuleType("huying.cli.trial")
    vars(module).update(HELP="trial", NEEDS="nothing", arguments=lambda parser: None, run=run)
    return module


def call(
    run: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    module = command(run)
    monkeypatch.setattr(cli, "names", lambda: {"trial": "trial"})
    monkeypatch.setattr(cli.importlib, "import_module", lambda _: module)
    with pytest.raises(SystemExit) as left:
        cli.main(["trial", "--json"])
    told = capsys.readouterr()
    return int(left.value.code or 0), told.out, told.err


def test_the_result_is_one_object_on_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(options: argparse.Namespace) -> dict[str, Any]:
        cli.say("working")
        with cli.progress("rows", 3) as advance:
            advance(3)
        return {"read": 3, "名": "值"}

    code, out, err = call(run, monkeypatch, capsys)
    assert code == 0
    assert json.loads(out) == {"read": 3, "名": "值"}
    assert "working" in err


def test_a_result_that_is_not_ok_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(lambda options: {"ok": False}, monkeypatch, capsys)[0] == 1


@pytest.mark.parametrize("error", [cli.CommandError("no such file"), BadInput("no such file")])
def test_a_refusal_is_told_in_a_sentence(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(options: argparse.Namespace) -> None:
        raise error

    code, out, err = call(run, monkeypatch, capsys)
    assert code == 1
    assert json.loads(out)["ok"] is False
    assert err == "huying trial: no such file\n"
