"""Reports: what they write, what they need, their numbers, and many of them at once."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huying.audit.sm3 import sm3
from huying.audit.verifying import verify
from huying.cases.deadlines import first_dues, recompute
from huying.cases.models import (
    Case,
    CaseContact,
    CaseEvent,
    CaseParty,
    CaseText,
    Channel,
    IdempotencyKey,
)
from huying.cases.reporting import Key, Place, Report, Reported, number_of, report, report_many
from huying.catalogue.versions import snapshot
from huying.dispatch.jobs import look_for_duplicates
from huying.errors import BadInput, HuyingError, KeyReused, Missing, NotAllowed
from huying.intake.reporting import Told, alarming_words, take, take_many
from huying.people.acting import RESIDENT, SYSTEM
from huying.people.models import Role
from tests.cases.town import (
    DISPUTE,
    DISTRICT,
    FACTORY,
    GRID_1,
    GRID_2,
    GUARDIANS,
    LINGBIAN,
    NOW,
    OPINION,
    PEOPLE,
    PETROL,
    SPOTS,
    TOWN,
    XIAOLONG,
    Town,
    at,
    integration,
)


def key(name: str, body: str = "body", caller: str = "integration:7") -> Key:
    return Key(caller, name, sm3(body.encode()))


def told(text: str = "门口路灯不亮", **more: Any) -> Told:
    return Told(**({"channel": Channel.API, "text": text, "area": GRID_1} | more))


def cases() -> int:
    return Case.objects.count()


# --- what a report writes


def test_a_report_is_a_case_with_its_event_text_party_and_job(town: Town) -> None:
    lon, lat = SPOTS[GRID_1]
    case = town.report(
        "商铺门口堆放杂物",
        channel=Channel.HOTLINE,
        item=FACTORY,
        area="",
        lon=lon,
        lat=lat,
        accuracy_m=12.5,
        address=" 宗祠东街3号 ",
        occurred_at=NOW - timedelta(hours=3),
    )
    assert (case.state, case.channel, case.level, case.kind) == (
        "reported",
        "hotline",
        "town",
        "complex",
    )
    assert (case.district_code, case.area_code, case.grid_code) == (DISTRICT, GRID_1, GRID_1)
    assert (case.holder_code, case.address) == (TOWN, "宗祠东街3号")
    assert (case.lon, case.lat, case.told_lon, case.told_lat) == (lon, lat, lon, lat)
    assert (case.told_datum, case.accuracy_m) == ("wgs84", 12.5)
    # Told and received are two things; clocks and numbers run from the receipt.
    assert (case.occurred_at, case.received_at) == (NOW - timedelta(hours=3), town.now)
    assert case.accept_due == town.now + timedelta(hours=1)
    assert case.reporter_id == town.second_dispatcher.account_id

    (event,) = town.events(case)
    assert (event.seq, event.verb, event.from_state, event.to_state) == (
        1,
        "report",
        None,
        "reported",
    )
    assert event.at == town.now
    assert event.written_at.year >= 2026  # the database's own time, not the verb's
    assert event.post_id == town.second_dispatcher.post_id
    (text,) = CaseText.objects.filter(case=case)
    assert (text.kind, text.body, text.seq) == ("description", "商铺门口堆放杂物", 1)
    (party,) = CaseParty.objects.filter(case=case)
    assert (party.part, party.account_id) == ("reporter", town.second_dispatcher.account_id)
    assert verify(number=case.number).ok


def test_no_column_is_forgotten(town: Town) -> None:
    """A row of report.sql is the row that the model itself would write, column by column."""
    case = Case.objects.get(pk=town.report("门口路灯不亮", area="", item="").pk)
    told_by_the_report = {
        "id", "number", "last_hash", "last_seq", "state", "channel", "district_code", "level",
        "area_code", "holder_code", "received_at", "desk_since", "changed_at", "reporter",
        "suggested_item", "accept_due", "due_at", "yellow_at", "wake_at",
    }  # fmt: skip
    plain = Case()
    for field in Case._meta.concrete_fields:
        if field.name in told_by_the_report:
            assert getattr(case, field.attname) not in (None, ""), field.name
        else:
            assert getattr(case, field.attname) == getattr(plain, field.attname), field.name


@pytest.mark.parametrize("item", ["", OPINION, FACTORY, PETROL, PEOPLE, DISPUTE])
def test_the_first_deadlines_are_those_that_any_verb_would_write(town: Town, item: str) -> None:
    for text in ("一切正常", "有人持刀"):
        case = town.report(text, item=item)
        written = {name: getattr(case, name) for name in DEADLINES}
        recompute(case, town.now)
        assert {name: getattr(case, name) for name in DEADLINES} == written


DEADLINES = (
    "accept_due", "sign_due", "handle_due", "check_due", "total_due", "due_at", "yellow_at",
    "wake_at",
)  # fmt: skip


@given(
    received=st.datetimes(datetime(2018, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    item=st.sampled_from(["", OPINION, FACTORY, PETROL, PEOPLE, "0303", "0105"]),
    emergency=st.booleans(),
)
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_first_dues_is_what_recompute_says(
    db: None, received: datetime, item: str, emergency: bool
) -> None:
    from huying.catalogue.models import ItemVersion

    found = first_dues(DISTRICT, snapshot(received).get(item), emergency, received)
    case = Case(
        district_code=DISTRICT,
        state="reported",
        received_at=received,
        desk_since=received,
        item_version=ItemVersion.objects.filter(item_id=item).first(),
        emergency_words="汽油味" if emergency else "",
    )
    recompute(case, received)
    assert (case.accept_due, case.yellow_at, case.total_due) == (
        found.accept,
        found.yellow,
        found.total,
    )
    assert case.due_at == case.wake_at == found.accept


def test_the_job_is_the_row_that_the_queue_itself_would_write(town: Town) -> None:
    case = town.report()
    look_for_duplicates.defer(case_id=str(case.pk))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM procrastinate_jobs ORDER BY id")
        names = [column.name for column in cursor.description]
        ours, theirs = (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    assert ours.pop("id") != theirs.pop("id")
    assert ours == theirs
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT job_id) FROM procrastinate_events")
        events, jobs = cursor.fetchone()
    assert events == jobs == 2  # the queue's own trigger has noted both alike


# --- what a report needs


def test_words_are_needed_and_must_be_such_as_can_be_kept(town: Town) -> None:
    for text, error in (
        ("  ", Missing),
        ("\0", BadInput),
        ("\ud83d", BadInput),
        ("长" * 20_001, BadInput),
    ):
        with town.refused(error, "text"):
            town.report(text)
    with town.refused(BadInput, "text"):
        town.report(address="巷口\0")
    assert town.report("长" * 20_000).pk


def test_nothing_happens_in_the_future(town: Town) -> None:
    with town.refused(BadInput, "occurred_at"):
        town.report(occurred_at=town.now + timedelta(hours=1))


def test_an_unknown_place_item_or_position_is_refused(town: Town) -> None:
    for field, more in (
        ("area", {"area": "440113999"}),
        ("area", {"area": "110101"}),
        ("item", {"item": "9999"}),
        ("position", {"lon": 113.4}),
        ("position", {"lon": 116.4, "lat": 39.9}),
    ):
        with town.refused(BadInput, field):
            town.report(**more)


def test_a_grid_workers_own_report_needs_position_and_photo(town: Town) -> None:
    lon, lat = SPOTS[GRID_1]
    patrol: dict[str, Any] = {"channel": Channel.PATROL, "by": town.worker, "item": OPINION}
    with town.refused(Missing, "position"):
        town.report(**patrol)
    with town.refused(Missing, "photos"):
        town.report(lon=lon, lat=lat, **patrol)
    photo = town.photo("photo_before", by="worker")
    case = town.report(lon=lon, lat=lat, photos=[photo.pk], **patrol)
    photo.refresh_from_db()
    assert (photo.case_id, photo.seq) == (case.pk, 1)
    assert town.last(case).data["photos"] == [str(photo.pk)]


@pytest.mark.parametrize("channel", [Channel.RESIDENT, Channel.HOTLINE, Channel.MESSAGE])
def test_nobody_else_needs_them(town: Town, channel: Channel) -> None:
    assert town.report(channel=channel, by=RESIDENT, area=XIAOLONG).state == "reported"
    assert town.report(channel=channel, by=SYSTEM, area="").holder_code == DISTRICT


def test_the_three_guardians_do_not_report(town: Town) -> None:
    for name in GUARDIANS:
        with town.refused(NotAllowed):
            town.report(by=town.actor(name))


def test_a_connected_system_reports_in_its_area_only(town: Town) -> None:
    village = integration(area=XIAOLONG)
    case = town.report(by=village, area=XIAOLONG)
    assert (case.reporter, town.last(case).actor_id, town.last(case).actor_kind) == (
        None,
        7,
        "integration",
    )
    with town.refused(BadInput, "area"):
        town.report(by=village, area=LINGBIAN)


# --- whose desk


@pytest.mark.parametrize(
    ("item", "area", "level", "holder"),
    [
        (PEOPLE, GRID_1, "grid", XIAOLONG),  # a grid has no desk
        (OPINION, GRID_1, "community", XIAOLONG),
        (FACTORY, GRID_1, "town", TOWN),
        ("", GRID_1, "town", TOWN),
        (OPINION, TOWN, "community", TOWN),  # no more is known
        (OPINION, "", "community", DISTRICT),
        (FACTORY, XIAOLONG, "town", TOWN),
    ],
)
def test_small_matters_stay_below_and_large_ones_go_up(
    town: Town, item: str, area: str, level: str, holder: str
) -> None:
    case = town.report("一切正常", item=item, area=area)
    assert (case.level, case.holder_code) == (level, holder)


# --- 紧急词 words that raise an alarm


def test_alarming_words_propose_an_emergency_and_the_town_sees_it(town: Town) -> None:
    case = town.report("工地门口有人持刀斗殴", item=DISPUTE)
    assert set(case.emergency_words.split(";")) == {"持刀", "斗殴"}
    assert (case.emergency, case.kind) == (False, "complex")  # proposed, not decided
    assert (case.level, case.holder_code) == ("town", TOWN)
    assert case.accept_due == town.now + timedelta(minutes=15)
    assert town.last(case).data["emergency_words"] == case.emergency_words.split(";")


@pytest.mark.parametrize("text", ["没有人持刀", "现场未见斗殴", "一切正常"])
def test_what_is_denied_raises_no_alarm(town: Town, text: str) -> None:
    case = town.report(text, item=DISPUTE)
    assert case.emergency_words == ""
    assert case.holder_code == XIAOLONG
    assert case.accept_due == town.now + timedelta(minutes=30)


def test_the_suggested_items_words_count_too(town: Town) -> None:
    case = town.report("厨房闻到很重的煤气味，怀疑燃气泄漏")
    assert (case.item_code, case.suggested_item) == ("", PETROL)
    assert "煤气味" in case.emergency_words
    assert alarming_words("煤气味", None) == ()


def test_the_desk_has_the_last_word_on_an_emergency(town: Town) -> None:
    case = town.report("工地门口有人持刀", item=DISPUTE)
    confirmed = town.do("dispatch", town.do("accept", case, emergency=True))
    assert confirmed.dispatched_at is not None
    assert (confirmed.kind, confirmed.emergency) == ("emergency", True)
    assert confirmed.sign_due == confirmed.dispatched_at + timedelta(minutes=10)
    assert confirmed.handle_due == confirmed.dispatched_at + timedelta(hours=4)

    case = town.report("工地门口有人持刀", item=DISPUTE)
    denied = town.do("dispatch", town.do("accept", case, emergency=False))
    assert denied.dispatched_at is not None
    assert (denied.kind, denied.emergency) == ("complex", False)
    assert denied.sign_due == denied.dispatched_at + timedelta(hours=2)


# --- 案件编号 numbers


def test_a_number_is_town_day_and_serial(town: Town) -> None:
    first, second = town.report(), town.report()
    assert re.fullmatch(r"440113120" r"20190711" r"\d{8}", first.number)
    assert second.number > first.number


def test_what_nobody_has_located_carries_the_districts_code(town: Town) -> None:
    case = town.report(area="")
    assert case.number.startswith("44011300020190711")
    assert (case.area_code, case.holder_code) == (DISTRICT, DISTRICT)
    pinned = town.do("pin", case, by="district_dispatcher")
    assert pinned.number == case.number
    assert (pinned.area_code, pinned.holder_code) == (GRID_2, DISTRICT)


def test_the_day_is_the_civil_day_of_shanghai(town: Town) -> None:
    late, early = at("2019-07-11 23:59"), at("2019-07-12 00:00")
    assert town.report(now=late.astimezone(UTC)).number[9:17] == "20190711"
    assert town.report(now=early.astimezone(UTC)).number[9:17] == "20190712"
    assert number_of("440113120213", early, 7) == "4401131202019071200000007"


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
