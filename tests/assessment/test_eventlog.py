"""The event log for process mining: what goes out, what does not; and in pieces."""

from __future__ import annotations

import argparse
import csv
import gzip
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from huying.assessment import eventlog
from huying.cli import CommandError
from huying.cli import export as cli
from tests.cases.town import GUIDE, TOWN, Town

NS = "{http://www.xes-standard.org/}"


def command(*words: object) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    cli.arguments(parser)
    return cli.run(parser.parse_args([str(word) for word in words]))


def test_a_towns_month_goes_out_case_by_case(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eventlog, "BATCH", 1)
    closed = town.bring_to("closed", item=GUIDE)
    town.later(minutes=1)
    opened = town.bring_to("handling", item=GUIDE)
    july = (TOWN, "--month", "2019-07")

    told = command("xes", tmp_path / "july.xes", "--area", *july)
    assert (told["cases"], told["events"]) == (2, closed.last_seq + opened.last_seq)
    assert "2 cases" in cli.text(told)
    log = ET.parse(tmp_path / "july.xes").getroot()  # noqa: S314 - our own
    traces = log.findall(f"{NS}trace")
    assert [strings(trace)["concept:name"] for trace in traces] == [closed.number, opened.number]
    verbs = [strings(event)["concept:name"] for event in traces[0].findall(f"{NS}event")]
    assert verbs == [event.verb for event in town.events(closed)]
    assert {each.get("prefix") for each in log.findall(f"{NS}extension")} == {
        "concept", "time", "lifecycle", "org",
    }  # fmt: skip
    # Every attribute that is promised of each event or trace is there.
    for scope, found in (("trace", traces), ("event", log.findall(f".//{NS}event"))):
        promised = log.find(f"{NS}global[@scope='{scope}']")
        assert promised is not None
        keys = {each.get("key") for each in promised}
        assert all(keys <= {child.get("key") for child in each} for each in found)

    command("csv", tmp_path / "july.csv.gz", "--area", *july, "--ended")
    with gzip.open(tmp_path / "july.csv.gz", "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["case"] for row in rows} == {closed.number}
    assert [row["activity"] for row in rows] == verbs
    # The same person is the same id, and the id is not the account's number.
    who = {
        event.actor_id: row["resource"]
        for event, row in zip(town.events(closed), rows, strict=True)
    }
    assert len(who) == len(set(who.values())) == len({row["resource"] for row in rows}) > 2
    assert not any(f"-{number}" == code[-len(f"-{number}") :] for number, code in who.items())

    first = (tmp_path / "july.csv.gz").read_bytes()
    command("csv", tmp_path / "july.csv.gz", "--area", *july, "--ended")
    assert (tmp_path / "july.csv.gz").read_bytes() == first, "the same log makes the same file"
    assert (
        command("xes", tmp_path / "none.xes", "--area", *july[:1], "--month", "2018-01")["cases"]
        == 0
    )


def strings(element: ET.Element) -> dict[str | None, str | None]:
    return {each.get("key"): each.get("value") for each in element.findall(f"{NS}string")}


def test_an_export_that_breaks_off_leaves_no_half_file(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(eventlog, "write_xes", breaks)
    with pytest.raises(OSError, match="full"):
        command("xes", tmp_path / "july.xes", "--area", TOWN, "--month", "2019-07")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(CommandError, match="digits"):
        command("csv", tmp_path / "july.csv", "--area", "石碁镇")


def test_the_flow_goes_out_as_a_net(tmp_path: Path) -> None:
    told = command("flow", tmp_path / "flow.pnml")
    net = ET.parse(tmp_path / "flow.pnml").getroot()  # noqa: S314 - our own
    assert len(net.findall(".//{*}place[@id]")) == told["places"]
    assert len(net.findall(".//{*}transition")) == told["transitions"]
