"""`huying seal` and `huying verify`, as a person or a script calls them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from huying import cli
from huying.audit import crypto, sealing
from huying.audit.models import Seal


@pytest.fixture
def huying(log, monkeypatch, capsys):
    """Run a command in this test's database and folder: its exit code, and what it printed."""
    monkeypatch.setattr(crypto, "home", lambda: log.folder)
    monkeypatch.setattr(sealing, "seals_folder", lambda: log.folder)

    def run(name, *arguments):
        parser, modules = cli._parser(name)
        options = parser.parse_args([name, *arguments])
        code = cli._show(modules[name], options, modules[name].run(options))
        return code, capsys.readouterr()

    return run


def test_seal_then_verify(huying, log):
    code, said = huying("seal", "--json")
    sealed = json.loads(said.out)
    assert (code, sealed["ok"], sealed["cases"], sealed["number"]) == (0, True, 4, 1)
    code, said = huying("verify", "--json", "--head", sealed["heads"])
    result = json.loads(said.out)
    assert (code, result["ok"], result["cases"], result["first_broken"]) == (0, True, 4, None)
    assert result["held_sealed"] is True
    assert "Verifying" in said.err


def test_a_broken_log_exits_1_and_says_where(huying, log):
    from huying.cases.models import CaseText

    CaseText.objects.filter(pk=next(iter(log.chains[2].rows))).update(body="别的话")
    code, said = huying("verify", "--json")
    result = json.loads(said.out)
    assert (code, result["ok"]) == (1, False)
    assert result["first_broken"]["case"] == log.number(2)
    assert result["first_broken"]["kind"] == "text"
    code, said = huying("verify")
    assert code == 1
    assert said.out.startswith("BROKEN: 1")
    assert f"{log.number(2)} #2: text" in said.out
    assert huying("verify", "--case", log.number(1))[0] == 0
    assert huying("verify", "--case", log.number(2))[0] == 1


def test_what_cannot_be_verified_is_told(huying, log, tmp_path):
    with pytest.raises(cli.CommandError, match="no case 123"):
        huying("verify", "--case", "123")
    held = tmp_path / "held"
    held.write_text("nonsense\n")
    with pytest.raises(cli.CommandError, match="line 1"):
        huying("verify", "--head", str(held))


def test_the_daily_seal_is_for_the_day_that_ended(huying, log):
    # 00:05 in China.
    assert sealing.seal_daily(now=datetime(2019, 7, 11, 16, 5, tzinfo=UTC)) == 4
    assert Seal.objects.get().day == date(2019, 7, 11)


def test_a_month_is_copied_and_the_log_compared_with_it(huying, log, monkeypatch):
    monkeypatch.setattr(crypto, "provider", lambda: log.provider)
    code, said = huying("archive", "--json", "--month", "2019-07")
    (july,) = json.loads(said.out)["months"]
    assert (code, july["month"], july["events"], july["cases"]) == (0, "2019-07", 24, 4)
    assert "Copying 2019-07" in said.err
    code, said = huying("verify", "--month", july["file"])
    assert code == 0
    assert "compared with the file of 2019-07" in said.out
    code, said = huying("archive")
    assert "2019-08" in said.out
    assert "2019-07" not in said.out
    assert huying("archive")[1].out.strip() == "All months that are over were copied before."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("archive", "--month", "yesterday"), "is no month"),
        (("archive", "--month", "2199-01"), "is not over"),
        (("verify", "--month", "nowhere.gz"), "nowhere.gz"),
        (("verify", "--month", "f", "--case", "1"), "leave --case out"),
    ],
)
def test_what_cannot_be_copied_or_compared_is_told(huying, arguments, said):
    with pytest.raises(cli.CommandError, match=said):
        huying(*arguments)
