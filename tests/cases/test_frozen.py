"""Questions that are put together once answer what Django's own would, whatever they are given."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext

from huying.cases.models import Case, CaseText
from huying.cases.reading import Seeing, who_sees
from huying.people.acting import RESIDENT, SYSTEM
from huying.postgres.frozen import frozen, frozen_but_planned, frozen_unseen
from tests.cases.town import GRID_1, GRID_3, NOW, OPINION, OTHER_TOWN, POSTS, Town


@frozen
def _of_number(number: Any) -> QuerySet[Case]:
    return Case.objects.for_pages().filter(number=number)


@frozen
def _numbers(states: Any) -> QuerySet[Case, str]:
    return Case.objects.filter(state__any_of=states).order_by("id").values_list("number", flat=True)


@frozen
def _seen(seeing: Seeing, **who: Any) -> QuerySet[Case, Any]:
    return Case.objects.seen(seeing, **who).order_by("id").values_list("pk", flat=True)


def dispatched(town: Town) -> Case:
    case = town.report(by=RESIDENT, item=OPINION, area=GRID_1)
    return town.bring_to("dispatched", town.do("escalate", case, by="village_dispatcher"))


def test_a_row_with_what_is_joined_to_it_is_made_as_django_makes_it(town: Town) -> None:
    case = dispatched(town)
    (found,) = _of_number(number=case.number)
    (own,) = Case.objects.for_pages().filter(number=case.number)
    with CaptureQueriesContext(connection) as asked:
        assert found.lead_unit == own.lead_unit
        assert found.item_version == own.item_version
        assert found.handler is None
    kept = {name: value for name, value in vars(found).items() if name != "_state"}
    assert kept == {name: value for name, value in vars(own).items() if name != "_state"}
    assert found._state.db == own._state.db
    assert not found._state.adding
    assert len(asked) == 0


def test_lists_of_all_lengths_are_one_question(town: Town) -> None:
    first = town.report(area=GRID_1)
    second = town.bring_to("accepted", town.report(area=GRID_1))
    both = [first.number, second.number]
    assert _numbers(states=["reported", "accepted"]) == both
    assert _numbers(states=["accepted"]) == both[1:]
    assert _numbers(states=[]) == []
    assert len(_numbers._kept) == 1


def test_every_post_is_given_the_cases_that_it_sees_and_no_others(town: Town) -> None:
    for area in (GRID_1, GRID_3, OTHER_TOWN):
        town.report(area=area)
    dispatched(town)
    for name in POSTS:
        actor = town.actor(name)
        own = Case.objects.visible_to(actor).order_by("id").values_list("pk", flat=True)
        assert _seen(Seeing.of(actor), **who_sees(actor)) == list(own), name
    assert len(_seen(Seeing.of(SYSTEM), **who_sees(SYSTEM))) == 4


def test_what_stands_for_anything_in_a_pattern_stands_for_itself(town: Town) -> None:
    case = town.report("50%的路灯_不亮", area=GRID_1)
    town.report("500的路灯不亮", area=GRID_1)

    @frozen
    def begins(words: Any) -> QuerySet[CaseText]:
        return CaseText.objects.filter(body__startswith=words)

    assert [row.case_id for row in begins(words="50%")] == [case.pk]
    assert begins(words="50_") == []


def test_columns_annotations_and_constants_come_with_it(town: Town) -> None:
    case = town.report(area=GRID_1, now=NOW)

    @frozen
    def some(since: Any, until: Any) -> QuerySet[Case]:
        called = Concat(Value("100% "), F("number"))
        found = Case.objects.only("number").annotate(called=called)
        return found.filter(received_at__range=(since, until))

    @frozen_but_planned
    def pairs(cases: Any) -> QuerySet[Case, tuple[str, str]]:
        return Case.objects.filter(pk__any_of=cases).values_list("number", "state")

    (found,) = some(since=NOW, until=NOW)
    assert found.called == f"100% {case.number}"  # type: ignore[attr-defined]
    assert found.get_deferred_fields() > {"state", "received_at"}
    assert pairs(cases=[case.pk, uuid4()]) == [(case.number, "reported")]


def test_the_server_keeps_the_plan_but_of_what_is_planned_for_its_values(town: Town) -> None:
    @frozen
    def kept(words: Any) -> QuerySet[CaseText, Any]:
        return CaseText.objects.filter(body=words).values_list("seq", flat=True)

    @frozen_but_planned
    def planned(words: Any) -> QuerySet[CaseText, Any]:
        return CaseText.objects.filter(body=words).values_list("kind", flat=True)

    for ask in (kept, planned, kept, planned):
        assert ask(words="没有") == []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements"
            " WHERE statement LIKE %s",
            ['SELECT "case_text"."seq"%'],
        )
        assert cursor.fetchall() == [(2,)]
        cursor.execute(
            "SELECT FROM pg_prepared_statements WHERE statement LIKE %s",
            ['SELECT "case_text"."kind"%'],
        )
        assert cursor.fetchall() == []


def test_a_value_that_is_missing_is_a_mistake_and_finds_nothing_by_chance(town: Town) -> None:
    with pytest.raises(ValueError, match="number"):
        _of_number(number=None)


def test_what_can_find_nothing_is_not_asked(town: Town) -> None:
    @frozen
    def none(number: Any) -> QuerySet[Case]:
        return Case.objects.none().filter(number=number)

    with CaptureQueriesContext(connection) as asked:
        assert none(number="1") == []
    assert len(asked) == 0


def test_what_is_no_gap_is_known_to_a_plan_made_without_the_values(town: Town) -> None:
    """An index of open cases serves a question only if the plan knows that it asks for those."""
    case = town.report(area=GRID_1)

    @frozen_unseen
    def of_desk(holder: Any, since: Any) -> QuerySet[Case]:
        return Case.objects.open().filter(holder_code=holder, received_at__gte=since)

    (found,) = of_desk(holder=case.holder_code, since=case.received_at)
    assert found == case
    (kept,) = of_desk._kept.values()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"PREPARE asked (text, timestamptz) AS {kept.sql}")  # type: ignore[union-attr]
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("EXPLAIN EXECUTE asked(%s, %s)", [case.holder_code, case.received_at])
        plan = " ".join(line for (line,) in cursor.fetchall())
    assert "case_queue" in plan, plan


def test_the_server_does_not_plan_anew_what_it_may_not_see(town: Town) -> None:
    @frozen_unseen
    def unseen(words: Any, ids: Any) -> QuerySet[CaseText, Any]:
        found = CaseText.objects.filter(body=words, case__any_of=ids)
        return found.values_list("digest", flat=True)

    for _turn in range(8):
        assert unseen(words="没有", ids=[uuid4()]) == []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
            " WHERE statement LIKE %s",
            ['SELECT "case_text"."digest"%'],
        )
        assert cursor.fetchall() == [(3, 5)]


def test_lists_of_all_kinds_may_go_unseen(town: Town) -> None:
    case = town.report(area=GRID_1)

    @frozen_unseen
    def unseen(ids: Any, states: Any, reporters: Any) -> QuerySet[Case]:
        found = Case.objects.filter(pk__any_of=ids, state__any_of=states)
        return found.exclude(reporter__any_of=reporters)

    assert unseen(ids=[case.pk, uuid4()], states=["reported", "closed"], reporters=[10**9]) == [
        case
    ]
    assert unseen(ids=[case.pk], states=[], reporters=[]) == []
    assert unseen(ids=[], states=["reported"], reporters=[]) == []


@pytest.mark.parametrize("area", [GRID_1, GRID_1[:12], GRID_1[:9], GRID_1[:6], GRID_1[:3], "9"])
def test_a_code_lies_within_what_it_begins_with(town: Town, area: str) -> None:
    for place in (GRID_1, GRID_3, OTHER_TOWN):
        town.report(area=place)

    @frozen_unseen
    def within(area: Any) -> QuerySet[Case]:
        return Case.objects.filter(area_code__within=area).order_by("id")

    assert within(area=area) == list(Case.objects.filter(area_code__startswith=area).order_by("id"))


def test_words_that_are_no_gap_stand_for_themselves(town: Town) -> None:
    said = "50%的人说'不'，\\n $1"
    case = town.report(said, area=GRID_1)

    @frozen
    def saying(kind: Any) -> QuerySet[CaseText]:
        return CaseText.objects.filter(kind=kind, body=said)

    assert [row.case_id for row in saying(kind="description")] == [case.pk]
