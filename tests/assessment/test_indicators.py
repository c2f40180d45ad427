"""Formulas, figures without a denominator, and figures that open down to their cases."""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from huying.assessment.counting import Asked, By, counted
from huying.assessment.indicators import Formula, indicators
from huying.assessment.tallies import Tally
from huying.cli import CommandError
from huying.cli import indicators as cli
from tests.cases.town import GUIDE, OPINION, TOWN, XIAOLONG, Town

JULY = (date(2019, 7, 1), date(2019, 7, 31))


def asked(area: str = TOWN) -> Asked:
    return Asked(area, *JULY, timezone.now())


def test_every_indicator_of_the_list_can_be_read() -> None:
    assert len(indicators()) >= 20
    for each in indicators().values():
        assert each.better in ("higher", "lower")
        assert each.source
        assert each.zh.endswith("率")


@pytest.mark.parametrize("text", ["", "handled", "handle_due handle_done", "2 * ", "handle_due +"])
def test_a_formula_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"formula|Tally"):
        Formula.read(text)


@given(
    st.dictionaries(st.sampled_from(list(Tally)), st.integers(0, 10**6)),
    st.lists(
        st.tuples(st.sampled_from("+-"), st.integers(1, 40), st.sampled_from(list(Tally))),
        min_size=1,
        max_size=6,
    ),
)
def test_a_formula_is_the_sum_that_it_says(
    counts: dict[Tally, int], terms: list[tuple[str, int, Tally]]
) -> None:
    text = " ".join(f"{sign} {weight / 10:.1f} * {tally}" for sign, weight, tally in terms)
    expected = sum(
        (1 if sign == "+" else -1) * Fraction(weight, 10) * counts.get(tally, 0)
        for sign, weight, tally in terms
    )
    assert Formula.read(text).of(counts) == expected


def test_nothing_to_divide_by_is_no_figure() -> None:
    figure = indicators()["closed_in_time"].figure(Counter())
    assert (figure.value, figure.percent) == (None, "")
    third = indicators()["closed_in_time"].figure({Tally.TOTAL_DUE: 3, Tally.TOTAL_IN_TIME: 2})
    assert third.percent == "66.67 %"


def test_a_towns_month_by_hand(town: Town) -> None:
    """Closed in time, late, after a return; declined; and left lying: every figure by heart."""
    town.bring_to("closed", item=GUIDE)
    late = town.bring_to("handling", item=GUIDE)
    assert late.total_due is not None
    town.now = late.total_due + timedelta(hours=1)
    for verb in ("handle", "check_pass", "close"):
        late = town.do(verb, late)
    town.bring_to_close(town.do("return", town.bring_to("handling", item=GUIDE)))
    town.do("decline", town.report(by=town.worker))
    village = town.report(by=town.worker, item=GUIDE)
    town.do("accept", village, by="village_dispatcher")
    town.later(days=5)

    found = counted(asked())[""].figures()
    values = {code: each.value for code, each in found.items()}
    assert values["closed_in_time"] == Fraction(2, 4)
    assert values["closed"] == Fraction(3, 4)
    assert values["handled_in_time"] == Fraction(2, 3)
    assert values["dispatched_rightly"] == Fraction(3, 4)
    assert values["returned"] == Fraction(1, 4)
    assert values["returned_again"] == 0
    assert values["valid_reports"] == Fraction(1, 2)
    assert values["rework"] == 0
    assert values["satisfied"] is None

    elsewhere = counted(asked("440113102"))
    assert elsewhere == {}


def test_a_figure_opens_into_its_cases(town: Town) -> None:
    good = town.bring_to("closed", item=GUIDE)
    bad = town.bring_to("handling", item=GUIDE)
    town.later(days=9)
    found = counted(asked())[""]
    assert set(found.cases[Tally.HANDLE_DUE]) == {good.pk, bad.pk}
    assert found.cases[Tally.HANDLE_IN_TIME] == [good.pk]
    for tally, cases in found.cases.items():
        assert found.counts[tally] == len(cases)


def test_told_apart_the_parts_make_the_whole(town: Town) -> None:
    town.bring_to("closed", item=GUIDE)
    town.bring_to("closed", item=OPINION)
    town.later(days=9)
    whole = counted(asked())[""].counts
    for by in By:
        parts = sum((each.counts for each in counted(asked(), by).values()), Counter())
        assert parts == whole, by
    assert set(counted(asked(), By.COMMUNITY)) == {XIAOLONG}
    units = counted(asked(), By.UNIT)
    assert str(town.safety.pk) in units


def test_a_month_that_was_looked_at_stays_as_it_was(town: Town) -> None:
    case = town.bring_to("handling", item=GUIDE)
    town.later(days=9)
    then = timezone.now()
    before = counted(Asked(TOWN, *JULY, then))[""].counts
    for verb in ("handle", "check_pass", "close"):
        case = town.do(verb, case)
    assert counted(Asked(TOWN, *JULY, then))[""].counts == before
    assert counted(asked())[""].counts != before, "what came later is another moment's figure"


def command(*words: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    cli.arguments(parser)
    return cli.run(parser.parse_args(words))


def test_the_command_prints_figures_and_their_cases(town: Town) -> None:
    case = town.bring_to("closed", item=GUIDE)
    town.later(days=9)
    one = ("--indicator", "closed_in_time")
    told = command(TOWN, "--month", "2019-07", *one, "--cases")
    figures = told["subjects"][""]["closed_in_time"]
    assert figures["value"] == 1.0
    assert figures["numerator_cases"] == figures["denominator_cases"] == [case.number]
    assert "按期结案率" in cli.text(told)
    assert "100.00%" in cli.text(told)
    assert "nothing counted" in cli.text(command("440113102", "--month", "2019-07"))
    none = command(TOWN, "--month", "2019-07", "--indicator", "satisfied")
    assert none["subjects"][""]["satisfied"]["value"] is None
    assert "no data" in cli.text(none)


@pytest.mark.parametrize(
    "words",
    [
        ("4401",),
        (TOWN, "--month", "July"),
        (TOWN, "--from", "2019-07-01"),
        (TOWN, "--from", "2019-07-02", "--to", "2019-07-01"),
        (TOWN, "--by", "colour"),
        (TOWN, "--indicator", "luck"),
        (TOWN, "--cases"),
    ],
)
def test_the_command_says_what_is_wrong(db: None, words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        command(*words)
