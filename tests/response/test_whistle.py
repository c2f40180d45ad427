"""吹哨报到 as stories: who is called, who comes, who stays away, and what comes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huying.audit.verifying import verify
from huying.cases.models import Case, CaseParty, Hold
from huying.clock.reading import calendar_for
from huying.errors import (
    BadInput,
    Missing,
    NotAllowed,
    OnHold,
    WrongState,
)
from huying.people.acting import Actor
from huying.people.models import UnitKind
from huying.response import limits, neglected, standing, unanswered, vetoing
from huying.response.whistles import Call, Sort, Veto, Whistle, WhistleLimit, WhistleStep
from tests.cases.town import DISTRICT, NOW, SPOTS, TOWN, Town, at

pytestmark = pytest.mark.django_db


def called(town: Town, *names: str, sort: str = "emergency", state: str = "handling") -> Case:
    """A case that the town has called these units to."""
    units = [town.units[name].pk for name in names or ("fire", "police")]
    return town.do("blow", town.bring_to(state), sort=sort, units=units)


def call_of(town: Town, name: str) -> Call:
    return Call.objects.select_related("whistle").get(unit=town.units[name])


def handler_of(town: Town, name: str) -> Actor:
    """Somebody on a handler's post of the unit."""
    from huying.people.acting import actor_for
    from huying.people.models import Account, Post, Role

    unit = town.units[name]
    account = Account.objects.create(username=f"of-{name}", name=name)
    post = Post.objects.create(
        account=account,
        role=Role.HANDLER,
        area_code=unit.area_code,
        district_code=DISTRICT,
        unit=unit,
        starts_on=NOW.date(),
    )
    return actor_for(post, NOW.date())


def test_a_called_unit_sees_the_case_while_it_is_called_and_holds_it_open(town: Town) -> None:
    case = called(town, "fire")
    assert Case.objects.visible_to(town.fireman).filter(pk=case.pk).exists()
    assert CaseParty.objects.filter(case=case, part="called", until_seq=None).count() == 1

    town.do("handle", case)
    checked = town.do("check_pass", case)
    with town.refused(OnHold):
        town.do("close", checked)

    town.do("release", checked)
    assert not Case.objects.visible_to(town.fireman).filter(pk=case.pk).exists()
    assert not Hold.objects.filter(case=case, cleared_at=None).exists()
    closed = town.do("close", checked)
    assert closed.state == "closed"
    # How a unit did is said as well when all is over.
    assert town.do("rate", closed).calls is None
    assert verify(number=case.number).ok


def test_who_is_called_knows_at_once_and_an_emergency_rings(
    town: Town, told: dict[str, Any]
) -> None:
    called(town, "fire")
    called(town, "police", sort="problem")
    assert told["whistle_emergency"] == [(town.fire.pk,)]
    assert told["whistle_blown"] == [(town.police.pk,)]


def test_answering_in_time_late_and_where_one_stands(town: Town) -> None:
    case = called(town, "fire", "police")
    blown = town.now
    town.do("answer", case, now=blown + timedelta(minutes=12))
    police = handler_of(town, "police")
    town.do("answer", case, by=police, now=blown + timedelta(minutes=31))
    in_time, late = call_of(town, "fire"), call_of(town, "police")
    assert (in_time.minutes_to(in_time.answered_at), in_time.late) == (12, False)
    assert late.missed_at == blown + timedelta(minutes=30)

    lon, lat = SPOTS["440113120213001"]
    Whistle.objects.update(lon=lon, lat=lat)
    town.do("check_in", case, lon=lon + 0.001, lat=lat)
    here = call_of(town, "fire")
    assert here.arrived_grid == "440113120213001"
    assert here.arrived_m == pytest.approx(102.6, abs=1)
    assert "lon" not in town.last(case).data
    with town.refused(WrongState):
        town.do("check_in", case, by=police, call=here.pk)


def test_a_limit_counts_working_time_where_its_row_says_so(town: Town) -> None:
    friday = at("2019-07-12 16:30")
    assert limits.answer_by(DISTRICT, Sort.EMERGENCY, friday) == friday + timedelta(minutes=30)
    joint = limits.answer_by(DISTRICT, Sort.JOINT, friday)
    assert joint.astimezone(friday.tzinfo).date() == at("2019-07-15 00:00").date()
    assert calendar_for(DISTRICT).work_time_between(friday, joint) == timedelta(hours=2)
    WhistleLimit.objects.create(district_code=DISTRICT, sort=Sort.EMERGENCY, minutes=10)
    assert limits.answer_by(DISTRICT, Sort.EMERGENCY, friday) == friday + timedelta(minutes=10)


def test_an_unanswered_call_climbs_one_level_a_limit_and_no_further(town: Town) -> None:
    case = town.do("accept", town.report(item="0107"), by="village_dispatcher")
    case = town.do("blow", case, by="village_dispatcher", units=[town.committee.pk])
    blown = town.now
    assert unanswered.climb_all(now=blown + timedelta(minutes=30)) == 0
    # The worker was away for hours: no level is passed over that had no time to act.
    late = blown + timedelta(hours=5)
    assert [unanswered.climb_all(now=late) for _each in range(2)] == [1, 0]
    call = call_of(town, "committee")
    assert (call.level_code, call.climbs) == (TOWN, 1)
    assert call.missed_at == blown + timedelta(minutes=30)
    assert unanswered.climb_all(now=late + timedelta(minutes=31)) == 1
    # At the top it climbs no further: then the leaders hear of it.
    assert unanswered.climb_all(now=late + timedelta(days=9)) == 0
    call = call_of(town, "committee")
    assert (call.level_code, call.climbs, call.climb_at) == (DISTRICT, 2, None)
    assert town.verbs(case).count("climb") == 2

    with town.refused(NotAllowed):
        town.do("press_call", case, by="dispatcher")
    town.do("press_call", case)
    town.do("answer", case, by="committee_handler")
    assert call_of(town, "committee").late


def test_what_the_district_leaves_undone_its_leaders_hear_of_again_and_again(
    town: Town, whom: dict[str, Any]
) -> None:
    case = called(town, "fire", sort="problem")
    Call.objects.update(answer_by=town.now, climb_at=town.now)
    unanswered.climb_all(now=town.now + timedelta(minutes=1))
    due = call_of(town, "fire").tell_at
    assert due is not None
    assert due == call_of(town, "fire").answer_by
    # Each time once, however often the clock looks; after a long rest once for all that was missed.
    hour = timedelta(hours=1)
    assert neglected.tell_all(now=due - hour) == 0
    assert [neglected.tell_all(now=due + hour) for _each in range(2)] == [1, 0]
    much_later = due + timedelta(days=30)
    assert [neglected.tell_all(now=much_later) for _each in range(3)] == [1, 0, 0]
    assert [each.leaders for each in whom["whistle_neglected"]] == [(DISTRICT,)] * 2
    assert {each.desks for each in whom["whistle_neglected"]} == {(DISTRICT,)}
    assert town.verbs(case).count("call_overdue") == 2
    assert call_of(town, "fire").told == neglected.TIMES
    assert Call.objects.overdue(much_later).exists()
    # Whoever asks again gives a new limit, and the telling begins anew.
    case = town.do("press_call", case, now=much_later)
    call = call_of(town, "fire")
    assert (call.told, call.tell_at) == (0, call.answer_by)
    town.do("answer", case, now=much_later + hour)
    assert call_of(town, "fire").tell_at is None
    assert verify(number=case.number).ok


def test_a_refusal_has_a_time_to_be_decided_in(town: Town, whom: dict[str, Any]) -> None:
    # A village asks; its town is to decide, and from the second time on the district hears too.
    blown = standing.blow(
        by=town.village_dispatcher,
        now=NOW,
        title="河边违建",
        sort="emergency",
        units=[town.fire.pk],
        text="到场",
    )
    refusal = {"reason_code": "not_ours", "reason": "不属职责"}
    standing.do("refuse_call", blown.pk, by=town.fireman, now=NOW, **refusal)
    late = NOW + timedelta(minutes=31)
    assert not Call.objects.overdue(NOW + timedelta(minutes=29)).exists()
    assert [neglected.tell_all(now=late) for _each in range(2)] == [1, 0]
    assert neglected.tell_all(now=late + timedelta(minutes=31)) == 1
    assert [each.leaders for each in whom["emergency_neglected"]] == [(TOWN,), (TOWN, DISTRICT)]
    assert list(Call.objects.overdue(late)) == [call_of(town, "fire")]
    decision = {"upheld": True, "reason": "属实"}
    standing.do("arbitrate_call", blown.pk, by=town.dispatcher, now=late, **decision)
    assert neglected.tell_all(now=late + timedelta(days=1)) == 0


def test_the_level_above_may_call_another_in_its_place(town: Town) -> None:
    case = called(town, "fire")
    case = town.do("climb", case, now=town.later(minutes=31))
    with town.refused(Missing, "text"):
        town.do("stand_in", case, text="")
    case = town.do("stand_in", case, unit=town.district_safety.pk)
    assert call_of(town, "fire").state == "stood_in"
    other = call_of(town, "district_safety")
    assert (other.state, other.level_code, other.climb_at) == ("called", DISTRICT, None)
    assert other.tell_at == other.answer_by
    town.do("press_call", case)
    # The town rates the one that stayed away.
    town.do("rate", case, attendance=1, cooperation=1, outcome=1)


def test_a_refusal_is_decided_above_and_an_overruled_one_is_the_last(town: Town) -> None:
    case = called(town, "fire", "police")
    case = town.do("refuse_call", case)
    assert unanswered.climb_all(now=town.now + timedelta(minutes=5)) == 0
    with town.refused(NotAllowed):
        town.do("arbitrate_call", case, by="dispatcher")
    with town.refused(Missing, "upheld"):
        town.do("arbitrate_call", case, upheld=None)
    case = town.do("arbitrate_call", case, upheld=False)
    call = call_of(town, "fire")
    assert (call.state, call.answer_by) == ("called", town.now + timedelta(minutes=30))
    with town.refused(NotAllowed):
        town.do("refuse_call", case)

    police = handler_of(town, "police")
    case = town.do("refuse_call", case, by=police)
    case = town.do("arbitrate_call", case, upheld=True)
    assert call_of(town, "police").state == "excused"
    assert not Case.objects.visible_to(police).filter(pk=case.pk).exists()


def test_whom_a_desk_may_call(town: Town) -> None:
    case = town.bring_to("handling")
    for unit in (town.town_desk, town.other_town_safety):
        with town.refused(BadInput, "units"):
            town.do("blow", case, units=[unit.pk])
    branch = town.committee
    branch.kind = UnitKind.BRANCH
    branch.save()
    case = town.do("blow", case, units=[branch.pk, town.district_safety.pk])
    with town.refused(BadInput, "units"):
        town.do("blow", case, units=[branch.pk])
    # Who is called cannot be lost by another end of the case.
    other = called(town, "fire", state="accepted")
    into = town.town_case().pk
    with town.refused(WrongState):
        town.do("merge", other, into=into)


def test_a_standing_problem_has_the_same_steps_in_a_log_of_its_own(town: Town) -> None:
    blown = standing.blow(
        by=town.village_dispatcher,
        now=NOW,
        title="旧市场消防通道长期被占",
        sort="joint",
        units=[town.fire.pk, town.committee.pk],
        text="联合清理，约定每月一次",
        lon=SPOTS["440113120213001"][0],
        lat=SPOTS["440113120213001"][1],
    )
    assert blown.area_code == "440113120213001"
    later = NOW + timedelta(minutes=20)
    with pytest.raises(NotAllowed):
        standing.do("answer", blown.pk, by=town.handler, now=later)
    standing.do("answer", blown.pk, by=town.fireman, now=later)
    standing.do("check_in", blown.pk, by=town.fireman, now=later, lon=113.405, lat=22.905)
    tomorrow = NOW + timedelta(days=1)
    assert [unanswered.climb_all(now=tomorrow) for _each in range(2)] == [1, 0]
    assert call_of(town, "committee").level_code == TOWN
    standing.do("press_call", blown.pk, by=town.dispatcher, now=tomorrow)
    standing.do("release", blown.pk, by=town.village_dispatcher, now=tomorrow)
    for name in ("fire", "committee"):
        standing.do(
            "rate",
            blown.pk,
            by=town.village_dispatcher,
            now=tomorrow,
            call=call_of(town, name).pk,
            attendance=5,
            cooperation=5,
            outcome=5,
        )
    steps = WhistleStep.objects.filter(whistle=blown).values_list("verb", flat=True)
    assert list(steps) == [
        "blow", "answer", "check_in", "climb", "press_call", "release", "rate", "rate",
    ]  # fmt: skip
    assert list(Whistle.objects.visible_to(town.fireman)) == [blown]
    assert list(Whistle.objects.visible_to(town.dispatcher)) == [blown]
    assert not Whistle.objects.visible_to(town.handler).exists()
    assert not Whistle.objects.visible_to(town.other_town_dispatcher).exists()


def missed(town: Town) -> Call:
    """A call that nobody answered."""
    case = called(town, "fire")
    town.do("climb", case, now=town.later(minutes=31))
    return call_of(town, "fire")


def test_a_veto_takes_two_people_and_can_be_appealed_once(town: Town) -> None:
    call = missed(town)
    with pytest.raises(NotAllowed):
        vetoing.propose(call.pk, by=town.handler, now=NOW, evidence=["1"], text="未到")
    with pytest.raises(Missing):
        vetoing.propose(call.pk, by=town.dispatcher, now=NOW, text="未到")
    veto = vetoing.propose(
        call.pk, by=town.dispatcher, now=NOW, evidence=["通话记录 3 次"], text="三次催促无人到场"
    )
    assert not Veto.objects.in_force().exists()
    with pytest.raises(NotAllowed):
        vetoing.decide(veto.pk, by=town.second_dispatcher, now=NOW, approve=True, text="同意")
    vetoing.decide(veto.pk, by=town.district_dispatcher, now=NOW, approve=True, text="同意")
    assert list(Veto.objects.in_force()) == [veto]
    with pytest.raises(NotAllowed):
        vetoing.appeal(veto.pk, by=town.handler, now=NOW, text="不服")
    vetoing.appeal(veto.pk, by=town.fireman, now=NOW, text="当时在另一火场，有记录")
    with pytest.raises(NotAllowed):
        vetoing.settle(veto.pk, by=town.district_dispatcher, now=NOW, lift=True, text="属实")
    vetoing.settle(veto.pk, by=town.district_leader, now=NOW, lift=True, text="属实")
    assert not Veto.objects.in_force().exists()
    with pytest.raises(NotAllowed):
        vetoing.appeal(veto.pk, by=town.fireman, now=NOW, text="再申诉")
    log = WhistleStep.objects.filter(whistle=call.whistle).values_list("verb", flat=True)
    assert list(log) == ["propose_veto", "decide_veto", "appeal_veto", "settle_appeal"]


def test_no_veto_on_a_call_that_was_answered_in_time(town: Town) -> None:
    town.do("answer", called(town, "fire"))
    with pytest.raises(NotAllowed):
        vetoing.propose(
            call_of(town, "fire").pk, by=town.dispatcher, now=NOW, evidence=["1"], text="x"
        )


@pytest.fixture
def whom(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """Whom each kind of notice was for."""
    found: dict[str, list[Any]] = {}

    from huying.cases import verbs

    real = verbs.job_of

    def spy(kind: Any, whom: Any, **more: Any) -> Any:
        found.setdefault(kind.name, []).append(whom)
        return real(kind, whom, **more)

    for module in (verbs, standing):
        monkeypatch.setattr(module, "job_of", spy)
    return found


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[tuple[int, ...]]]:
    """Which units each kind of notice was for."""
    found: dict[str, list[tuple[int, ...]]] = {}

    from huying.cases import verbs

    real = verbs.job_of

    def spy(kind: Any, whom: Any, **more: Any) -> Any:
        found.setdefault(kind.name, []).append(whom.units)
        return real(kind, whom, **more)

    monkeypatch.setattr(verbs, "job_of", spy)
    return found
