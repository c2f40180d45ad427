"""The chain of a case: what is hashed, and that nothing done to it afterwards goes unseen."""

from __future__ import annotations

import copy
import random
import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.audit.chain import (
    BreakKind,
    EventFields,
    canonical,
    contact_digest,
    event_hash,
    genesis,
    plain,
    text_digest,
    verify_case,
)
from huying.audit.sm3 import sm3

from . import chains

CASE = uuid.UUID("016bde26-4a80-7000-8000-000000000001")
FIELDS = EventFields(
    case_id=CASE,
    seq=2,
    verb="accept",
    at=datetime(2019, 7, 11, 10, 3, tzinfo=timezone(timedelta(hours=8))),
    written_at=datetime(2019, 7, 11, 2, 3, 0, 5, tzinfo=UTC),
    actor_kind="account",
    actor_id=17,
    post_id=None,
    role="dispatcher",
    from_state="reported",
    to_state="accepted",
    data={"item": "0203", "b": [1, True, None], "a": {"词": "值"}},
    district_code="440113",
)


def kinds(breaks):
    return {one.kind for one in breaks}


def test_the_bytes_of_an_event_are_those_that_the_documentation_shows():
    text = (Path(__file__).parents[2] / "docs/audit.md").read_text(encoding="utf-8")
    shown = text.split("```json\n")[1].split("\n```")[0]
    assert canonical(FIELDS, bytes(32)).decode() == shown
    assert event_hash(FIELDS, bytes(32)) == sm3(canonical(FIELDS, bytes(32)))
    assert genesis(CASE) == sm3(b"huying:" + CASE.bytes)


def test_the_documentation_names_every_kind_of_break():
    text = (Path(__file__).parents[2] / "docs/audit.md").read_text(encoding="utf-8")
    assert [kind for kind in BreakKind if f"`{kind}`" not in text] == []


def test_null_and_empty_are_two_things():
    assert event_hash(FIELDS, b"") != event_hash(FIELDS._replace(post_id=""), b"")


@pytest.mark.parametrize(
    "data",
    [{"lon": 113.3}, {"at": FIELDS.at}, {"id": CASE}, {1: "x"}, {"x": {"y": (1,)}}],
)
def test_what_two_programs_might_write_differently_is_refused(data):
    with pytest.raises(TypeError):
        canonical(FIELDS._replace(data=data), b"")


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        canonical(FIELDS._replace(at=datetime(2019, 7, 11)), b"")  # noqa: DTZ001


def test_plain_turns_data_into_what_an_event_may_hold():
    class Colour(Enum):
        RED = "red"

    made = plain(
        {
            "id": CASE,
            "at": FIELDS.at,
            "day": date(2019, 7, 11),
            "digest": b"\x01\xff",
            "colour": Colour.RED,
            "list": (1, None, True),
        }
    )
    assert made == {
        "id": str(CASE),
        "at": "2019-07-11T02:03:00.000000Z",
        "day": "2019-07-11",
        "digest": "01ff",
        "colour": "red",
        "list": [1, None, True],
    }
    canonical(FIELDS._replace(data=made), b"")
    with pytest.raises(TypeError):
        plain({"lon": 113.3})


def test_a_texts_kind_and_body_cannot_be_confused():
    salt = bytes(16)
    assert text_digest(salt, "a", "bc") != text_digest(salt, "ab", "c")
    assert text_digest(salt, "a", "b") == sm3(salt + b"a\0b")
    assert contact_digest(salt, b"ab", b"c") != contact_digest(salt, b"a", b"bc")
    assert contact_digest(salt, b"a", None) != contact_digest(salt, b"a", b"")
    with pytest.raises(ValueError, match="16"):
        text_digest(b"short", "a", "b")


def test_a_whole_chain_has_no_breaks():
    rng = random.Random(1)
    for length in range(1, 12):
        assert chains.chain(rng, length).verify() == []


def test_erasing_leaves_the_chain_whole():
    one = chains.chain(random.Random(2))
    row = next(iter(one.rows))
    one.erase(row)
    assert one.verify() == []


def test_a_row_gone_without_its_event_is_found_and_so_is_one_that_stayed():
    one = chains.chain(random.Random(3))
    kept = copy.deepcopy(one)
    row = next(iter(one.rows))
    content = one.rows.pop(row)
    assert kinds(one.verify()) == {BreakKind.TEXT_MISSING}
    kept.erase(row)
    kept.rows[row] = content
    assert kinds(kept.verify()) == {BreakKind.TEXT_KEPT}


def broken(change, seed=5):
    one = chains.chain(random.Random(seed))
    change(one)
    return one.verify()


def test_each_break_is_named_for_what_it_is():
    def gap(one):
        del one.events[3]

    def first(one):
        del one.events[0]

    def twice(one):
        one.events.insert(3, one.events[2])

    def cut(one):
        del one.events[-2:]

    def empty(one):
        one.events.clear()

    def content(one):
        event = one.events[2]
        one.events[2] = event._replace(fields=event.fields._replace(actor_id=999))

    def head(one):
        one.head_hash = bytes(32)

    def link(one):
        one.events[4] = one.events[4]._replace(prev=bytes(32))

    assert BreakKind.GAP in kinds(broken(gap))
    assert next((b.kind, b.seq) for b in broken(gap)) == (BreakKind.GAP, 5)
    assert BreakKind.FIRST in kinds(broken(first))
    assert BreakKind.ORDER in kinds(broken(twice))
    assert kinds(broken(cut)) >= {BreakKind.CUT}
    assert BreakKind.EMPTY in kinds(broken(empty))
    assert [(b.kind, b.seq) for b in broken(content)] == [(BreakKind.HASH, 3)]
    assert [(b.kind, b.seq) for b in broken(head)] == [(BreakKind.HEAD, 7)]
    assert {(b.kind, b.seq) for b in broken(link)} == {(BreakKind.LINK, 5), (BreakKind.HASH, 5)}


def test_an_event_of_another_case_is_found_even_with_its_hashes_in_order():
    rng = random.Random(6)
    one, other = chains.chain(rng), chains.chain(rng)
    breaks = verify_case(one.case_id, other.events, other.head_seq, other.head_hash, other.texts())
    assert kinds(breaks) == {BreakKind.OTHER_CASE, BreakKind.FIRST}


def test_a_story_that_cannot_be_is_found_even_if_hashed_anew():
    def jump(one):
        event = one.events[3]
        one.events[3] = event._replace(fields=event.fields._replace(from_state="closed"))
        chains.forge(one)
        one.head_hash = one.events[-1].hash

    def leave_an_end(one):
        event = one.events[3]
        one.events[3] = event._replace(fields=event.fields._replace(to_state="merged"))
        chains.forge(one)
        one.head_hash = one.events[-1].hash

    assert kinds(broken(jump)) == {BreakKind.STATE}
    assert BreakKind.AFTER_END in kinds(broken(leave_an_end))


def test_a_forged_chain_is_found_by_the_head_it_no_longer_has():
    rng = random.Random(7)
    for _ in range(500):
        one = chains.chain(rng, rng.randrange(2, 9))
        before = [event.hash for event in one.events]
        chains.edit_event(one, rng)
        chains.forge(one)
        if [event.hash for event in one.events] == before:
            continue  # forging undid the change (a number, an owner or a hash)
        assert BreakKind.HEAD in kinds(one.verify())


def test_five_thousand_mutations_are_all_found():
    rng = random.Random(20190711)
    missed = []
    for n in range(5000):
        one = chains.chain(rng, rng.randrange(3, 10))
        mutate = chains.MUTATIONS[n % len(chains.MUTATIONS)]
        mutate(one, rng)
        if not one.verify():
            missed.append((n, mutate.__name__))
    assert missed == []


def test_events_exchanged_between_cases_are_all_found():
    rng = random.Random(44)
    for _ in range(500):
        one, other = chains.chain(rng), chains.chain(rng)
        place = rng.randrange(7)
        mine, theirs = one.events[place], other.events[place]
        if rng.random() < 0.5:
            # In the other's name.
            mine = mine._replace(fields=mine.fields._replace(case_id=other.case_id))
            theirs = theirs._replace(fields=theirs.fields._replace(case_id=one.case_id))
        one.events[place], other.events[place] = theirs, mine
        assert one.verify()
        assert other.verify()


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    length=st.integers(3, 9),
    mutations=st.lists(st.sampled_from(chains.MUTATIONS), min_size=1, max_size=4),
)
def test_several_changes_at_once_do_not_cancel_out(seed, length, mutations):
    rng = random.Random(seed)
    one = chains.chain(rng, length)
    original = copy.deepcopy(one)
    for mutate in mutations:
        if len(one.events) >= 3 and len(one.rows) >= 2:
            mutate(one, rng)
    if one != original:
        assert one.verify()


@settings(max_examples=200, deadline=None)
@given(
    first=st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=6), max_size=4),
    second=st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=6), max_size=4),
)
def test_different_data_has_different_bytes(first, second):
    a = canonical(FIELDS._replace(data=first), b"")
    b = canonical(FIELDS._replace(data=second), b"")
    assert (a == b) == (first == second)
