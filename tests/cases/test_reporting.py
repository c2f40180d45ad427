"""Reports: what they write, what they need, their numbers, and many of them at once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huying.audit.verifying import verify
from huying.cases.deadlines import first_dues, recompute
from huying.cases.models import (
    Case,
    CaseParty,
    CaseText,
    Channel,
)
from huying.cases.reporting import number_of
from huying.catalogue.versions import snapshot
from huying.dispatch.jobs import look_for_duplicates
from huying.errors import BadInput, Missing, NotAllowed
from huying.intake.reporting import alarming_words
from huying.people.acting import RESIDENT, SYSTEM
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
    assert (case.due_at, case.wake_at) == (found.accept, found.wake)


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
