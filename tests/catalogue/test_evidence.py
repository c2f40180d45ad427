"""What an item asks to see, read from its rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.catalogue.evidence import (
    COUNTED,
    NOTHING,
    OF_A_WORKERS_REPORT,
    Demand,
    Evidence,
    EvidenceError,
    EvidenceKind,
    due,
    parse,
)

demands = st.sampled_from(EvidenceKind).flatmap(
    lambda kind: st.builds(
        Demand, st.just(kind), st.integers(1, 99) if kind in COUNTED else st.just(1)
    )
)
rules = st.lists(demands, unique_by=lambda each: each.kind).map(lambda ds: Evidence(tuple(ds)))


@given(rules)
def test_a_rule_survives_being_written_and_read(rule: Evidence) -> None:
    assert parse(str(rule)) == rule


@given(rules, st.dictionaries(st.sampled_from(EvidenceKind), st.integers(0, 120)))
def test_adding_what_is_missing_leaves_nothing_missing(
    rule: Evidence, have: dict[EvidenceKind, int]
) -> None:
    for lack in rule.missing(have):
        assert lack.have < lack.least
        have[lack.kind] = have.get(lack.kind, 0) + lack.least - lack.have
    assert rule.missing(have) == ()


@given(st.text(alphabet="gpsform_photbeaf>=;；0123 ", max_size=30))
def test_any_text_is_read_or_refused_with_a_position_inside_it(text: str) -> None:
    refusal: EvidenceError | None = None
    try:
        rule = parse(text)
    except EvidenceError as error:
        refusal = error
    if refusal is None:
        assert parse(str(rule)) == rule
    else:
        assert 1 <= refusal.position <= len(text) + 1
        assert str(refusal.position) in refusal.zh


def test_a_photo_without_a_number_means_one() -> None:
    assert parse("photo_before; gps") == parse("photo_before>=1;gps")


@pytest.mark.parametrize(
    ("text", "position", "word"),
    [
        ("gps;fotos", 5, "fotos"),
        ("gps；form", 4, "；"),
        ("photo_before≥1", 13, "≥"),
        ("photo_before>=0", 15, "99"),
        ("photo_before>=100", 15, "99"),
        ("gps>=2", 4, "gps"),
        ("gps;;form", 5, "缺少"),
        ("gps;", 5, "缺少"),
        ("gps; gps", 6, "两次"),
        ("photo_before>=1 2", 16, " "),
        (">=1", 1, ">"),
    ],
)
def test_a_wrong_rule_is_refused_at_its_place(text: str, position: int, word: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        parse(text)
    assert caught.value.position == position
    assert word in caught.value.zh


def test_what_is_missing_says_so_in_both_languages() -> None:
    rule = parse("photo_before>=1;photo_after>=3;gps;form")
    lacking = rule.missing({"photo_before": 2, "photo_after": 1, "gps": 0})
    assert [each.zh for each in lacking] == [
        "处置后照片还差 2 张（至少 3 张）",
        "缺少定位",
        "缺少登记表",
    ]
    assert lacking[0].en == "2 more photos from after the work (at least 3)"
    assert lacking[1].en == "the position is missing"


def test_evidence_is_due_where_work_is_shown_and_nowhere_else() -> None:
    rule = parse("photo_after>=1")
    assert due("handle", rule) == due("settle", rule, grid_worker=True) == rule
    for verb in ("report", "accept", "dispatch", "check_pass", "close"):
        assert due(verb, rule) == NOTHING
    assert due("report", rule, grid_worker=True) == OF_A_WORKERS_REPORT
