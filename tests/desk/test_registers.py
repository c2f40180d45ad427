"""At the desk: found by what was typed, which stays off every address; added, corrected, shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huying.audit.models import AccessLog
from huying.registry import recording, sealing
from huying.registry.models import Address, Person, RegisterChange
from huying.registry.recording import EnterpriseTold, FacilityTold, PersonTold
from tests.browser.everywhere import with_registers
from tests.desk.world import COMMUNITY, GRID, LAT, LON, World
from tests.registry.living import id_of

REGISTERS = "/desk/registers/"
SECRETS = ("张三丰", "13800138000", "13711112222", id_of("19800102"))


def test_somebody_is_found_and_looked_at_masked_and_shown_for_a_purpose(
    world: World, as_: Callable[..., Client]
) -> None:
    made = with_registers(world)
    worker = as_("worker")
    found = worker.post(REGISTERS, {"q": id_of("19800102")})
    url = f"{REGISTERS}person/{made.grown.pk}"
    assert url in found.text
    page = worker.get(url)
    for each in SECRETS:
        assert each not in page.text
    assert "137****2222" in page.text
    assert "138****8000" in page.text  # what it was before
    assert worker.post(f"{url}/shown", {"purpose": "visit"}).text.count("13711112222") == 2
    assert "曾为：13800138000" in worker.post(f"{url}/shown", {"purpose": "visit"}).text
    assert AccessLog.objects.filter(action="reveal_record", subject_id=made.grown.pk).count() == 2
    leader = as_("leader").get(url)
    assert "/shown" not in leader.text
    assert "/edit" not in leader.text


def test_a_person_is_put_to_an_address_that_is_made_with_it(
    world: World, as_: Callable[..., Client]
) -> None:
    told = {
        "community": COMMUNITY, "address": "村前路8号301", "lon": LON, "lat": LAT, "name": "王小二",
        "id_number": id_of("19990909", "012"), "phone": "137 0000 1111", "stay": "moved_in",
        "household": "1", "relation": "tenant",
    }  # fmt: skip
    worker = as_("worker")
    misread = {"id_number": "440113199909090011"}  # one digit off
    wrong = worker.post(f"{REGISTERS}person/new", told | misread)
    assert wrong.status_code == 422
    assert not Address.objects.exists()  # all of it or nothing
    unpinned = worker.post(f"{REGISTERS}person/new", told | {"lon": "", "lat": ""})
    assert unpinned.status_code == 422
    answer = worker.post(f"{REGISTERS}person/new", told, follow=True)
    assert answer.status_code == 200
    person = Person.objects.get()
    assert (person.area_code, person.source) == (GRID, "visit")
    assert str(person.dwelling) == "村前路8号301"
    url = f"{REGISTERS}person/{person.pk}/edit"
    form = worker.get(url)
    assert "137****1111" in form.text
    assert "13700001111" not in form.text
    kept = told | {"name": "", "id_number": "", "phone": "", "no_phone": "on", "version": "1"}
    assert worker.post(url, kept).status_code == 302
    person.refresh_from_db()
    assert (sealing.opened(person, "name"), person.phone_masked) == ("王小二", "")
    stale = worker.post(url, kept | {"relation": "head"})
    assert stale.status_code == 409


def test_an_address_is_called_otherwise_too_and_its_history_says_by_whom(
    world: World, as_: Callable[..., Client]
) -> None:
    made = with_registers(world)
    url, worker = f"{REGISTERS}address/{made.house.pk}", as_("worker")
    told = {"name": "红砖 楼", "kind": "alias"}
    page = worker.post(f"{url}/do/alias", told, follow=True)
    assert page.text.count("红砖楼") == 2  # what it is called, and the history
    change = RegisterChange.objects.get(record_id=made.house.pk, field="alias", new="红砖楼")
    assert (change.new, change.by_account) == ("红砖楼", world.actor("worker").account_id)
    again = worker.post(f"{url}/do/alias", told)
    assert again.status_code == 422
    assert "已有这个名称" in again.text
    assert 'value="红砖 楼"' in again.text
    assert RegisterChange.objects.filter(field="alias", new="红砖楼").count() == 1


def test_the_first_page_counts_few_exactly_and_says_about_how_many_where_they_are_many(
    world: World, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_registers(world)
    people = Person.objects.living().count()
    page = as_("dispatcher").get(REGISTERS)
    assert f'<b class="num">{people}</b>' in page.text
    monkeypatch.setattr("huying.registry.counting._expected", lambda rows: 1_998_765)
    with CaptureQueriesContext(connection) as asked:
        about = as_("dispatcher").get(REGISTERS)
    assert about.text.count("约 200 万") == 5
    counted = [each["sql"] for each in asked if "COUNT(" in each["sql"]]
    assert not [each for each in counted if 'FROM "register_person"' in each]


def test_the_list_of_likely_doubles_asks_as_often_for_many_pairs_as_for_few(
    world: World, as_: Callable[..., Client]
) -> None:
    made, desk = with_registers(world), as_("dispatcher")
    url = f"{REGISTERS}doubles"

    def twice_more(first: int) -> None:
        by, now = world.actor("dispatcher"), timezone.now()
        for n in (first, first + 1):
            told = PersonTold("李四", birth_year=1970, sex="male", dwelling=made.flat)
            recording.add(told, by=by, now=now)
            recording.add(EnterpriseTold("同名小店", "shop", made.house), by=by, now=now)
            lamp = FacilityTold(f"路灯{n}", "lamp", made.house, LON, LAT)
            recording.add(lamp, by=by, now=now)

    def asked() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            pairs = desk.get(url).context["pairs"]
        return len(pairs), sum("register_" in each["sql"] for each in queries)

    twice_more(0)
    assert asked() == (4, 7)
    twice_more(2)
    assert asked() == (19, 7)


def test_two_records_of_one_person_become_one(world: World, as_: Callable[..., Client]) -> None:
    made = with_registers(world)
    desk = as_("dispatcher")
    again = Person.objects.exclude(pk=made.grown.pk).get(birth_year=1980)
    page = desk.get(f"{REGISTERS}doubles")
    assert str(again.pk) in page.text
    pair = {"register": "person", "one": again.pk, "other": made.grown.pk, "stays": made.grown.pk}
    assert desk.post(f"{REGISTERS}doubles", pair).status_code == 302
    again.refresh_from_db()
    assert again.merged_into_id == made.grown.pk
    assert str(again.pk) not in desk.get(f"{REGISTERS}doubles").text


@pytest.mark.parametrize("who", ["dispatcher", "handler"])
def test_the_page_of_a_case_says_what_is_there(
    who: str, world: World, as_: Callable[..., Client]
) -> None:
    made = with_registers(world)
    case = world.dispatched()
    page = as_(who).get(f"/desk/cases/{case.number}")
    assert "宗祠东街12号3栋" in page.text
    assert made.shop.name in page.text
    assert "三合一场所" in page.text
    assert "张**" not in page.text
    link = f"{REGISTERS}address/{made.house.pk}"
    assert (link in page.text) == (who == "dispatcher")
    if who == "dispatcher":
        assert case.number in as_(who).get(link).text


def test_of_a_child_neither_form_nor_history_tells_the_age(
    world: World, as_: Callable[..., Client]
) -> None:
    with_registers(world)
    child = Person.objects.get(birth_year__gt=2000)
    url, worker = f"{REGISTERS}person/{child.pk}", as_("worker")
    form = worker.get(f"{url}/edit")
    assert f'value="{child.birth_year}"' not in form.text
    kept = form.context["form"].initial
    told = {name: str(value) for name, value in kept.items() if value is not None}
    assert worker.post(f"{url}/edit", told | {"birth_year": "", "sex": ""}).status_code == 302
    again = Person.objects.get(pk=child.pk)
    assert (again.birth_year, again.sex) == (child.birth_year, child.sex)
    # Corrected they are, and the history says that alone.
    other = {"birth_year": str(child.birth_year), "sex": "female", "version": str(again.version)}
    assert worker.post(f"{url}/edit", told | other).status_code == 302
    assert str(child.birth_year) not in worker.get(url).text


def test_whatever_is_typed_is_looked_for(world: World, as_: Callable[..., Client]) -> None:
    assert as_("worker").post(REGISTERS, {"q": "东街\0" + "一" * 50_000}).status_code == 200


def test_what_somebody_else_saves_at_the_same_moment_is_said(
    world: World, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def raced(*_args: object, **_more: object) -> None:
        raise IntegrityError("register_person_id_once")

    monkeypatch.setattr("huying.registry.recording.add", raced)
    told = {"community": COMMUNITY, "name": "王小二", "stay": "moved_in", "household": "1"}
    answer = as_("worker").post(f"{REGISTERS}person/new", told)
    assert answer.status_code == 409
    assert "刚刚有人保存了相同的内容" in answer.text
    assert "王小二" in answer.text  # nothing typed is lost
