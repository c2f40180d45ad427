"""How a step is written: in one statement, and the row just as the verb leaves it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huying.cases.keeping import columns
from huying.cases.models import Case, CaseText
from huying.cases.verbs import Numbered
from huying.errors import NotFound
from huying.intake.verbs import VERBS
from tests.cases.town import PATHS, USUALLY, Town

OF_A_CASE = re.compile(
    r'\b(FROM|UPDATE|INTO) "?(case|case_\w+|dispatch_order|suspension|hold|check_round)\b'
)
"""Questions about a case; the others are of what the process keeps, and ask when that is due."""

EACH = 3
"""Every verb locks the row, asks for suspensions, and writes the step."""

BESIDE = {
    "accept": 1,  # nobody is asked to verify any more
    "dispatch": 2,  # the unit's order and its part
    "sign_for": 1,  # the order
    "handle": 1,
    "check_pass": 3,  # whether the checker handled it; the round; nobody is asked to check any more
    "close": 3,  # what holds it open; the orders; who follows
}


@pytest.mark.parametrize("verb", BESIDE)
def test_a_verb_asks_no_more_than_it_needs(town: Town, verb: str) -> None:
    path = PATHS["closed"]
    case = town.report()
    for before in path[: path.index(verb)]:
        case = town.do(before, case)
    by, inputs = town.actor(USUALLY[verb]), town.usual_inputs(verb, case)
    with CaptureQueriesContext(connection) as asked:
        VERBS[verb].within(case.pk, by=by, now=town.later(minutes=1), **inputs)
    found = [sql for each in asked.captured_queries if OF_A_CASE.search(sql := each["sql"])]
    assert len(found) == EACH + BESIDE[verb], "\n".join(found)


def test_each_step_leaves_the_row_as_the_verb_does(town: Town) -> None:
    case = town.report()
    for verb in PATHS["closed"]:
        case = town.do(verb, case)
        assert columns(Case.objects.get(pk=case.pk)) == columns(case)
        if verb == "sign_for":  # a column that is changed in its place
            case = town.do("add_assist", case)
            assert case.parts
            assert columns(Case.objects.get(pk=case.pk)) == columns(case)
            case = town.do("release_part", case)
            assert not case.parts
            assert columns(Case.objects.get(pk=case.pk)) == columns(case)


def test_what_a_step_did_not_change_is_not_written(town: Town) -> None:
    """A verb's case is not the place to mend a row: what it has not changed stays what it was."""
    case = town.report()
    held = columns(case)
    town.do("comment", case, text="居民再次来电")
    now_held = columns(Case.objects.get(pk=case.pk))
    changed = {name for name, value in now_held.items() if value != held[name]}
    assert changed == {"last_seq", "last_hash", "changed_at"}


def test_words_with_a_number_in_them_are_kept_with_the_step(town: Town) -> None:
    case = town.report()
    town.do("comment", case, text="请打 13800138000 联系")
    text = CaseText.objects.get(case=case, seq=2)
    assert "13800138000" not in text.body
    assert text.hidden_enc is not None
    assert (len(text.salt), len(text.digest)) == (16, 32)


def test_a_number_leads_to_the_case_of_whoever_may_see_it(town: Town) -> None:
    case = town.report()
    done: Any = VERBS["comment"].do(
        Numbered(case.number), by=town.dispatcher, now=town.later(minutes=1), text="已知悉"
    )
    assert done.pk == case.pk
    with pytest.raises(NotFound):
        VERBS["comment"].do(
            Numbered(case.number), by=town.other_town_dispatcher, now=town.now, text="已知悉"
        )
