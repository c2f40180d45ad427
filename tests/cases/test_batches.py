"""Reports under keys, and many of them at once: one case each, and an answer for each."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db import connection

from huying.audit.verifying import verify
from huying.cases.models import (
    Case,
    CaseContact,
    CaseEvent,
    CaseText,
    Channel,
    IdempotencyKey,
)
from huying.cases.reporting import Place, Report, Reported, report, report_many
from huying.dispatch.jobs import look_for_duplicates
from huying.errors import BadInput, HuyingError, KeyReused, Missing, NotAllowed
from huying.intake.reporting import take, take_many
from huying.people.models import Role
from tests.cases.town import (
    GRID_1,
    NOW,
    Town,
    integration,
    key,
    told,
)


def cases() -> int:
    return Case.objects.count()


# --- 幂等 idempotency keys


def test_the_same_key_gives_the_same_case_and_answer(town: Town) -> None:
    (first,) = take_many([(told(), key("a"))], by=integration(), now=NOW)
    (again,) = take_many([(told(), key("a"))], by=integration(), now=NOW + timedelta(hours=1))
    assert isinstance(first, Reported)
    assert isinstance(again, Reported)
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.id, again.number, again.due_at, again.received_at) == (
        first.id,
        first.number,
        first.due_at,
        first.received_at,
    )
    assert cases() == 1
    assert take(told(), by=integration(), now=NOW, key=key("a")).pk == first.id
    kept = IdempotencyKey.objects.get()
    assert (kept.case_id, kept.verb, kept.caller) == (first.id, "report", "integration:7")


def test_a_key_with_another_body_is_refused(town: Town) -> None:
    take(told(), by=integration(), now=NOW, key=key("a"))
    with town.refused(KeyReused):
        take(told("别的"), by=integration(), now=NOW, key=key("a", "other"))


def test_keys_of_two_callers_are_two_keys(town: Town) -> None:
    take(told(), by=integration(), now=NOW, key=key("a"))
    take(told(), by=integration(number=8), now=NOW, key=key("a", caller="integration:8"))
    assert cases() == 2


def test_a_key_twice_in_one_batch_makes_one_case(town: Town) -> None:
    answers = take_many(
        [
            (told(), key("a")),
            (told("另一宗"), None),
            (told(), key("a")),
            (told("别的"), key("a", "other")),
        ],
        by=integration(),
        now=NOW,
    )
    assert cases() == 2
    assert answers[0] == answers[2]
    assert isinstance(answers[3], KeyReused)


def test_a_refused_report_does_not_use_up_its_key(town: Town) -> None:
    (bad,) = take_many([(told(" "), key("a"))], by=integration(), now=NOW)
    assert isinstance(bad, Missing)
    (good,) = take_many([(told(), key("a"))], by=integration(), now=NOW)
    assert isinstance(good, Reported)


def test_a_known_key_in_a_batch_does_not_keep_the_others_out(town: Town) -> None:
    (first,) = take_many([(told(), key("a"))], by=integration(), now=NOW)
    answers = take_many(
        [(told(), key("b")), (told(), key("a")), (told(), key("c"))], by=integration(), now=NOW
    )
    assert [isinstance(each, Reported) and each.replayed for each in answers] == [
        False,
        True,
        False,
    ]
    assert isinstance(answers[1], Reported)
    assert isinstance(first, Reported)
    assert answers[1].id == first.id
    assert cases() == 3


# --- many at once


def test_a_bad_row_keeps_out_nobody_else(town: Town) -> None:
    answers = take_many(
        [
            (told("一"), None),
            (told(""), None),
            (told("三", area="999"), None),
            (told("四", item="9999"), None),
            (told("五", contact_phone="abc"), None),
            (told("六", contact_name="张\0三"), None),
            (told("七"), None),
        ],
        by=integration(),
        now=NOW,
    )
    assert [getattr(each, "field", "in") for each in answers] == [
        "in",
        "text",
        "area",
        "item",
        "phone",
        "name",
        "in",
    ]
    texts = CaseText.objects.order_by("case__number").values_list("body", flat=True)
    assert list(texts) == ["一", "七"]
    numbers = [each.number for each in answers if isinstance(each, Reported)]
    assert numbers == sorted(set(numbers))


def plain_report(**more: Any) -> Report:
    return Report(**({"channel": Channel.API, "text": "路灯不亮", "place": Place(GRID_1)} | more))


def test_what_the_database_refuses_keeps_out_nobody_else(town: Town) -> None:
    """A version of an item that does not exist breaks the one statement: row by row then."""
    answers = report_many(
        [
            (plain_report(), key("a")),
            (plain_report(item_code="0101", item_version_id=10**9), key("b")),
            (plain_report(suggested_item="much too long"), None),
            (plain_report(), key("c")),
        ],
        by=integration(),
        now=NOW,
        jobs=(look_for_duplicates,),
    )
    assert [type(each) for each in answers] == [Reported, BadInput, BadInput, Reported]
    assert cases() == CaseEvent.objects.count() == 2
    assert IdempotencyKey.objects.count() == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (2,)
    assert verify().ok


def test_one_alone_that_the_database_refuses_is_bad_input(town: Town) -> None:
    with town.refused(BadInput):
        report(plain_report(suggested_item="much too long"), by=integration(), now=NOW)


def test_photos_of_a_batch_go_to_their_own_cases(town: Town) -> None:
    by = integration()
    photos = [town.photo("photo_before", by=by) for _ in range(2)]
    answers = take_many(
        [
            (told("一", photos=[photos[0].pk]), None),
            (told("二", photos=[uuid.UUID(int=1)]), None),
            (told("三", photos=[photos[1].pk]), None),
        ],
        by=by,
        now=NOW,
    )
    assert isinstance(answers[1], BadInput)
    assert answers[1].field == "photos"
    for photo, answer in ((photos[0], answers[0]), (photos[1], answers[2])):
        photo.refresh_from_db()
        assert isinstance(answer, Reported)
        assert photo.case_id == answer.id


def test_many_and_one_write_the_same(town: Town) -> None:
    """The many-form is the single form: each column but ids, numbers and hashes agrees."""
    what = plain_report(
        contact_name="张三", contact_phone="138 0013 8000", emergency_words=("起火",)
    )
    one = report(what, by=town.worker, now=NOW)
    many = report_many([(what, None)] * 3, by=town.worker, now=NOW)
    (columns,) = Case.objects.filter(pk=one.pk).values()
    for answer in many:
        assert isinstance(answer, Reported)
        (other,) = Case.objects.filter(pk=answer.id).values()
        for name in ("id", "number", "last_hash"):
            other.pop(name)
        assert other == {name: columns[name] for name in other}
        assert CaseContact.objects.filter(case_id=answer.id).count() == 1
    assert verify().ok


def test_an_empty_batch_is_nothing(town: Town) -> None:
    assert take_many([], by=integration(), now=NOW) == []


def test_a_role_that_may_not_report_is_told_so_row_by_row(town: Town) -> None:
    answers = take_many([(told(), None)], by=integration(Role.AUDITOR), now=NOW)
    assert [type(each) for each in answers] == [NotAllowed]
    assert isinstance(answers[0], HuyingError)
