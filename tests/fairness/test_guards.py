"""What each guard notices and lets pass, at its edges; and a finding that a person decides on."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from huying.assessment.counting import Asked, By, counted
from huying.assessment.course import course
from huying.assessment.reading import versions
from huying.assessment.tallies import Tally
from huying.cases import looks
from huying.cases.attaching import stage
from huying.cases.fingerprint import fingerprint
from huying.cases.models import Attachment, CaseEvent
from huying.clock.reading import calendar_for
from huying.errors import NotFound, StalePage, WrongState
from huying.fairness import guards, settling, watching
from huying.fairness.guards import Guard, Noticed, Picture, Reported
from huying.fairness.models import Unusual
from huying.fairness.saying import GUARD_WORDS, reason
from huying.guard_limits import Limits
from tests.cases.town import OPINION, Town
from tests.desk.world import TOWN, World

NOON = datetime.fromisoformat("2026-03-05T12:00+08:00")
LIMITS = Limits()


def report(n: int, minutes: float, **more: Any) -> Reported:
    given = {"account": 1, "item": "0211", "area": "440113120213001", "lon": 113.42, "lat": 22.95,
             "words": "东街口垃圾桶满溢", "settled": True}  # fmt: skip
    return Reported(UUID(int=n), at=NOON + timedelta(minutes=minutes), **(given | more))


def test_limits_are_read_and_what_is_none_is_refused() -> None:
    assert Limits.read("") == LIMITS
    assert Limits.read("flood_reports=3 split_metres=50").split_metres == 50
    for wrong in ("flood=3", "flood_reports", "flood_reports=0", "flood_reports=many"):
        with pytest.raises(ValueError, match="no guard's limit"):
            Limits.read(wrong)


def test_every_guard_says_what_it_is_and_why() -> None:
    assert set(GUARD_WORDS) == set(settling.TAKES) == set(Guard)
    for guard in Guard:
        assert "%" not in reason(guard, {})


def test_a_flood_is_many_settled_by_who_reported_them_and_not_a_busy_day() -> None:
    def noticed(reports: Sequence[Reported], usual: Sequence[int] = ()) -> list[int]:
        return [len(each.cases) for each in guards.floods(reports, {1: usual}, LIMITS)]

    assert noticed([report(n, 7 * n) for n in range(8)]) == [8]
    assert noticed([report(n, 7 * n) for n in range(7)]) == []
    assert noticed([report(n, 9 * n) for n in range(8)]) == [], "over more than an hour"
    assert noticed([report(n, n, settled=False) for n in range(9)]) == [], "others had to settle it"
    assert noticed([report(n, n, account=n) for n in range(9)]) == []
    slowly = [report(n, 40 * n) for n in range(12)]
    assert noticed(slowly, [3, 3, 3, 2, 4]) == [12], "four times a usual day"
    assert noticed(slowly, [4, 4, 4, 4, 4]) == []
    assert noticed(slowly, [3, 3]) == [], "too few days to know what is usual"


def test_a_split_is_near_in_time_and_place_of_one_item_in_like_words() -> None:
    first = report(1, 0, words="东街口第1处垃圾桶满溢")

    def noticed(**more: Any) -> int:
        other = report(2, **({"minutes": 5, "words": "东街口第2处垃圾桶满溢"} | more))
        return sum(len(each.cases) for each in guards.splits([first, other], LIMITS))

    assert noticed() == 2
    assert noticed(lon=113.4202) == 2
    for more in ({"minutes": 31}, {"lon": 113.4210}, {"item": "0203"}, {"lon": None},
                 {"words": "路灯不亮"}, {"account": 2}):  # fmt: skip
        assert noticed(**more) == 0, more
    chain = [report(n, 20 * n, words="东街口垃圾桶满溢") for n in range(4)]
    (one,) = guards.splits(chain, LIMITS)
    assert len(one.cases) == 4, "each close to the one before"


@given(st.text("垃圾桶满溢路灯不亮", max_size=12), st.text("垃圾桶满溢路灯不亮", max_size=12))
def test_likeness_is_the_same_both_ways_and_whole_with_itself(one: str, other: str) -> None:
    assert guards.likeness(one, other) == guards.likeness(other, one)
    assert guards.likeness(one, one) == 1
    assert 0 <= guards.likeness(one, other) <= 1
    assert guards.likeness(f"{one}1", f"{one}22") == 1


def test_reports_from_outside_the_own_grid_are_noticed_when_there_are_several() -> None:
    away = [report(n, n, own=False) for n in range(3)]
    assert [len(each.cases) for each in guards.outsides(away, LIMITS)] == [3]
    assert not guards.outsides([*away[:2], report(9, 9)], LIMITS)


def picture(seed: int, *, darker: int = 0, size: tuple[int, int] = (640, 480)) -> Image.Image:
    made = Image.new("L", (9, 8))
    made.putdata([(seed * 37 + n * n * 53) % 200 + 40 - darker for n in range(72)])
    return made.resize(size, Image.Resampling.BICUBIC).convert("RGB")


def test_a_picture_made_smaller_darker_or_packed_harder_is_still_itself() -> None:
    look = fingerprint(picture(1))
    packed = io.BytesIO()
    picture(1).save(packed, "JPEG", quality=30)
    for other in (picture(1, darker=30), picture(1, size=(320, 240)), Image.open(packed)):
        assert guards.differing(look, fingerprint(other)) <= LIMITS.copied_bits
    assert guards.differing(look, fingerprint(picture(2))) > LIMITS.copied_bits
    assert guards.plain(fingerprint(Image.new("RGB", (640, 480), "#5a7d4c")))


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_looks_are_kept_with_a_sign_and_compared_without(one: int, other: int) -> None:
    assert guards.differing(one, other) == guards.differing(other, one)
    assert guards.differing(one, one) == 0
    assert 0 <= guards.differing(one, other) <= 64


def shot(case: int, days: float, look: int, account: int = 1, matter: int = 0) -> Picture:
    at = NOON - timedelta(days=days)
    return Picture(UUID(int=case), account, at, look, UUID(int=matter or case))


def test_a_copied_photo_is_of_an_earlier_case_whoever_took_it() -> None:
    look = 0x0F0F_3355_0F0F_3355

    def noticed(days: float = 3, **more: Any) -> list[tuple[int, ...]]:
        old = shot(1, days, look ^ 0b1111)
        new = shot(**({"case": 2, "days": 0, "look": look} | more))
        return [tuple(c.int for c in each.cases) for each in guards.copies([new], [old], LIMITS)]

    assert noticed() == noticed(60) == noticed(account=2) == [(1, 2)]
    for more in ({"case": 1}, {"look": look ^ 0b10000}, {"matter": 1}):
        assert noticed(**more) == [], more
    assert noticed(61) == noticed(-1) == []


def test_who_copied_is_who_sent_it_up_later_and_the_first_is_the_original() -> None:
    look = 0x0F0F_3355_0F0F_3355
    mine, theirs, last = shot(1, 9, look), shot(2, 5, look ^ 1, 2), shot(3, 0, look, 3)
    (found,) = guards.copies([last], [mine, theirs, last], LIMITS)
    assert [each.int for each in found.cases] == [1, 3]
    assert (found.account, found.numbers) == (3, {"bits": 0, "days": 9, "others": 1})
    assert "同事" in reason(Guard.COPIED, found.numbers)
    (own,) = guards.copies([shot(4, 0, look, 1)], [mine], LIMITS)
    assert "同事" not in reason(Guard.COPIED, own.numbers)


@given(
    st.integers(1, 12),
    st.lists(st.tuples(st.integers(0, 2**64 - 1), st.lists(st.integers(0, 63), max_size=14))),
)
def test_what_differs_in_few_bits_is_found_without_a_look_at_all(
    bits: int, told: list[tuple[int, list[int]]]
) -> None:
    looks = guards.Looks(bits)
    wanted = []
    for n, (look, flipped) in enumerate(told):
        other = look
        for bit in flipped:
            other ^= 1 << bit
        for each in (look, other):
            wanted.append(shot(len(wanted) + 1, 30 - n, each))
            looks.add(wanted[-1])
    for each in wanted:
        found = {old.case for olds in looks.like(each.look) for old in olds}
        assert found == {
            other.case for other in wanted if guards.differing(each.look, other.look) <= bits
        }


def seen(town: Town, case: Any) -> list[Noticed]:
    log = list(CaseEvent.objects.filter(case_id=case.pk).order_by("seq"))
    find, calendar = versions(), calendar_for(case.district_code)
    found = guards.at_the_last(log, find, calendar, LIMITS)
    one = guards.hasty(course(log, versions=find, calendar=calendar), LIMITS)
    return [*found, *([one] if one is not None else [])]


def test_what_is_done_to_the_clock_just_before_the_deadline(town: Town) -> None:
    """Suspended, returned, and handled in the last tenth; and each early enough."""

    def handling(left: timedelta) -> Any:
        case = town.bring_to("handling", item=OPINION)
        assert case.handle_due is not None
        town.now = case.handle_due - left
        return case

    # Three working days: the last tenth begins more than four hours before.
    near, early = timedelta(hours=4), timedelta(days=2)
    assert [each.guard for each in seen(town, town.do("suspend", handling(near)))] == [
        Guard.SUSPENDED
    ]
    assert not seen(town, town.do("suspend", handling(early)))
    returned = town.do("return", handling(near))
    (one,) = seen(town, returned)
    assert (one.guard, one.unit) == (Guard.RETURNED, town.safety.pk)
    day = timezone.localdate(town.now)
    asked = Asked("440113120", day, day, timezone.now())
    counts = counted(asked, By.UNIT)[str(town.safety.pk)].counts
    assert (counts[Tally.RETURNED_NEAR], counts[Tally.HANDLE_DUE]) == (1, 0)
    assert not seen(town, town.do("return", handling(early)))
    (hasty,) = seen(town, town.do("check_fail", town.do("handle", handling(near))))
    assert hasty.guard is Guard.HASTY
    assert not seen(town, town.do("check_fail", town.do("handle", handling(early))))
    assert not seen(town, town.do("check_pass", town.do("handle", handling(near))))


def test_a_finding_is_written_once_and_counts_as_before_until_a_person_decides(
    world: World, as_: Any
) -> None:
    today = timezone.localdate()
    body = io.BytesIO()
    shown = picture(5)
    ImageDraw.Draw(shown).rectangle((10, 10, 90, 60), fill="#222222")
    shown.save(body, "JPEG")
    photos = [
        stage(io.BytesIO(body.getvalue()), kind="photo_after", by=world.actor("handler"),
              now=timezone.now()).pk
        for _n in range(2)
    ]  # fmt: skip
    cases = []
    for photo in photos:
        case = world.do(
            world.handling(), "handle", "handler", result="已清运", form="一车",
            photos=[photo, world.photo("handler", "photo_before")], lon=113.421, lat=22.955,
        )  # fmt: skip
        cases.append(case)
    now = timezone.now()
    assert watching.watch_day(today, now=now) == 1
    assert watching.watch_day(today, now=now) == 0, "the same is not noticed again"
    found = Unusual.objects.get()
    assert (found.guard, found.account_id) == ("copied", world.accounts["handler"].pk)
    assert [each.case_id for each in found.cases.all()] == [each.pk for each in cases]

    far, leader = as_("far_dispatcher"), as_("leader")
    address = f"/desk/figures/unusual/{found.pk}"
    assert far.get(address).status_code == 404
    assert as_("handler").get(address).status_code == 403
    assert "其他案件的照片" in leader.get("/desk/figures/unusual/").content.decode()
    page = leader.get(address).content.decode()
    assert [each.number in page for each in cases] == [True, True]
    assert leader.post(address, {"confirmed": "yes", "version": 1}).status_code == 422
    given = {"words": "同一张照片", "by": world.actor("leader"), "now": now}
    with pytest.raises(StalePage):
        settling.decide(found.pk, True, version=0, **given)
    with pytest.raises(NotFound):
        settling.decide(found.pk, True, version=1, **(given | {"by": world.actor("handler")}))
    settling.decide(found.pk, True, version=1, **given)
    with pytest.raises(WrongState):
        settling.decide(found.pk, False, version=2, **given)
    later = Asked(TOWN, today, today + timedelta(days=60), now + timedelta(days=61))
    left = counted(later)[""].left
    done = counted(later)[""].cases[Tally.HANDLE_DONE]
    assert (left[Tally.HANDLE_DONE], done) == ([cases[1].pk], [cases[0].pk])
    assert counted(later)[""].counts[Tally.HANDLE_DUE] == 2, "due it was, and stays"
    with pytest.raises(IntegrityError), transaction.atomic():
        Unusual.objects.update(decided_by=found.account_id)


def test_photos_of_before_are_looked_at_by_and_by(world: World) -> None:
    pk = world.photo("handler", "photo_after")
    Attachment.objects.update(look=None)
    assert looks.look_back(now=timezone.now()) == 1
    assert Attachment.objects.get(pk=pk).look == 0, "a plain colour has nothing to be told by"
    assert looks.look_back(now=timezone.now()) == 0
