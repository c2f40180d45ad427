"""Scores as people meet them: a month rated, put to zero, closed for good; sheets by two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from huying.assessment import answering
from huying.assessment.closing import NotFollowed, TooEarly
from huying.assessment.counting import Asked, lines_of_cases
from huying.assessment.following import follow
from huying.assessment.left_out import LeftOut
from huying.assessment.scores import closing, monthly, publishing, rating, saying, sheets, vetoing
from huying.assessment.scores.kinds import BY, Kind, measured
from huying.assessment.scores.models import (
    ClosedMonth,
    ClosedScore,
    ReportRating,
    ScoreSheet,
    ScoreVeto,
    UnitRating,
)
from huying.assessment.scores.rating import Stars
from huying.assessment.scores.scoring import Measured
from huying.assessment.scores.subjects import after, first_of, kinds_for, last_of, sees
from huying.assessment.tallies import Tally
from huying.errors import BadInput, Missing, NotAllowed, NotFound, WrongState
from huying.people.acting import SYSTEM
from huying.people.models import Account, Post, Role
from tests.desk.closed import closed_now
from tests.desk.scored import with_scores
from tests.desk.world import DISTRICT, TOWN, World

MONTH = first_of(timezone.localdate())


@pytest.fixture
def not_nearly_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is dispatched in its last days falls due in the next one, and counts there."""
    now = timezone.now
    if timezone.localdate().day > 20:
        monkeypatch.setattr(timezone, "now", lambda: now() - timedelta(days=10))


def over() -> datetime:
    """When the month is over and to be closed."""
    day = after(MONTH) + timedelta(days=6)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def of(kind: Kind, key: Any, now: datetime | None = None) -> monthly.Standing:
    found = monthly.month_of(kind, DISTRICT, MONTH, now=now or timezone.now()).of(str(key))
    assert found is not None
    return found


def administrators(world: World) -> None:
    for name in ("first", "second"):
        account = Account.objects.create(username=f"t-{name}", name=name)
        world.accounts[name] = account
        world.posts[name] = Post.objects.create(
            account=account,
            role=Role.ADMINISTRATOR,
            area_code=DISTRICT,
            district_code=DISTRICT,
            starts_on=timezone.localdate() - timedelta(days=3),
        )


@pytest.mark.usefixtures("not_nearly_over")
def test_a_month_is_rated_put_to_zero_closed_and_corrected(
    world: World, as_: Callable[..., Client]
) -> None:
    veto, unit = with_scores(world), world.units["lead"].pk
    later = over()
    live = of(Kind.UNIT, unit, later).score
    # One case, handled in time and not sent back: the median of its like is its own one.
    assert saying.figure_words(live.lines[0].measured) == "1"
    assert live.rated is not None
    assert (live.rated.number, round(live.rated.mean, 2)) == (1, Decimal("73.33"))
    assert live.figures == Decimal("100.00")
    assert live.total == Decimal("94.67")  # 100 × 80 % + 73.33 × 20 %

    # Who is concerned sees it; the far town does not, and the page leads down to the case.
    page = as_("handler").get(f"/desk/scores/of/unit/{unit}?part=handled_in_time")
    assert page.status_code == 200
    assert as_("far_handler").get(f"/desk/scores/of/unit/{unit}").status_code == 404
    rows = as_("dispatcher").get("/desk/scores/?kind=unit").content.decode()
    assert world.units["lead"].name in rows
    assert world.units["other"].name not in rows

    # Proposed by the desk, decided by the town's leader, and then it is zero.
    with pytest.raises(NotAllowed):
        vetoing.decide(veto.pk, agree=True, answer="", by=world.actor("dispatcher"), now=later)
    answer = as_("leader").post(f"/desk/scores/vetoes/{veto.pk}/refuse", {"answer": ""})
    assert answer.status_code == 422
    assert as_("leader").post(f"/desk/scores/vetoes/{veto.pk}/agree").status_code == 302
    zero = of(Kind.UNIT, unit, later).score
    assert (zero.total, zero.grade, zero.vetoed, zero.figures) == (0, "E", True, live.figures)

    with pytest.raises(WrongState):
        closing.close(DISTRICT, MONTH, by=SYSTEM, now=timezone.now())  # it is not over
    # Scores rest on the month's closed figures: too early for these, and while they do not follow.
    with pytest.raises(TooEarly):
        closing.close(DISTRICT, MONTH, by=SYSTEM, now=later - timedelta(days=4))
    with pytest.raises(NotFollowed):
        closing.close(DISTRICT, MONTH, by=SYSTEM, now=later)
    assert not ClosedMonth.objects.exists()
    follow()
    assert closing.due(DISTRICT, later - timedelta(days=2)) == []
    assert closing.due(DISTRICT, later) == [MONTH]
    assert closing.close_due(now=later) == 1
    assert closing.close_due(now=later) == 0
    with pytest.raises(WrongState):
        closing.close(DISTRICT, MONTH, by=SYSTEM, now=later)
    kept = ClosedScore.objects.get(kind=Kind.UNIT, subject=str(unit))
    assert (kept.total, kept.grade, kept.vetoed) == (0, "E", True)

    # From now on nothing moves it: no rating, no new case, no lifted veto.
    stars = Stars(5, 5, 5)
    with pytest.raises(WrongState):
        rating.rate_unit(unit, MONTH, stars, by=world.actor("dispatcher"), now=later)
    world.handled()
    follow()
    vetoing.lift(veto.pk, why="申诉成立", by=SYSTEM, now=later)
    standing = of(Kind.UNIT, unit, later)
    assert (standing.score.total, standing.score.vetoed) == (0, True)
    assert standing.corrected is not None
    assert standing.corrected.total == Decimal("94.67")
    month = monthly.month_of(Kind.UNIT, DISTRICT, MONTH, now=later)
    fresh = monthly.by_today(month, str(unit), now=later)
    assert fresh is not None
    assert fresh.lines[0].measured.numerator == 2
    page = as_("dispatcher").get(f"/desk/scores/of/unit/{unit}?month={MONTH:%Y-%m}")
    assert page.status_code == 200
    assert "更正" in page.content.decode()


def test_score_and_figure_of_a_closed_month_are_the_same_numbers(world: World) -> None:
    """Whatever is learned between the closing of the figures and that of the scores."""
    world.closed()
    failed = world.do(world.handled(), "check_fail", "checker", reason="现场仍有垃圾")
    span = MONTH, last_of(MONTH)
    period = closed_now(DISTRICT, *span)
    # Learned later: rework that does not count any more, and other cases.
    rework = next(
        line
        for _case, line in lines_of_cases([failed.pk], Asked(DISTRICT, *span, timezone.now()))
        if line.tally is Tally.REWORK
    )
    LeftOut.objects.create(
        district_code=DISTRICT, case=failed, seq=rework.seq, tallies=["checked", "rework"],
        why="appeal", source_id=failed.pk, since=timezone.now(),
    )  # fmt: skip
    world.closed()
    follow()

    def scores(kind: Kind) -> dict[tuple[str, str], Measured]:
        month = monthly.month_of(kind, DISTRICT, MONTH, now=over())
        return {
            (each.subject.key, line.part.measure): line.measured
            for each in month.standings
            for line in each.score.lines
        }

    waiting = {kind: scores(kind) for kind in Kind}
    kept = closing.close(DISTRICT, MONTH, by=SYSTEM, now=over())
    assert (kept.period, kept.at, kept.closed_at) == (period, period.as_of, over())
    for kind in Kind:
        assert waiting[kind] == scores(kind), "as soon as the figures stand"
    for kind, by in BY.items():
        shown = answering.counts(DISTRICT, *span, by)
        for (key, measure), scored in scores(kind).items():
            assert scored == measured(measure, shown.get(key, Counter())), (key, measure)
    unit = str(world.units["lead"].pk)
    assert scores(Kind.UNIT)[unit, "rework"] == Measured(Fraction(1), Fraction(2))
    # By today's log it would be another: that is a correction, of the score as of the figure.
    month = monthly.month_of(Kind.UNIT, DISTRICT, MONTH, now=over())
    today = monthly.by_today(month, unit, now=over())
    assert today is not None
    now = {line.part.measure: line.measured for line in today.lines}
    assert now["rework"] == Measured(Fraction(0), Fraction(2))


def test_the_other_side_rates_once_a_body_and_never_itself(
    world: World, as_: Callable[..., Client]
) -> None:
    now, case = timezone.now(), world.handled()
    unit, town = world.units["lead"].pk, as_("dispatcher")

    # Low stars want a reason; what was typed is there again.
    told = {"unit": unit, "speed": "1", "quality": "4", "manner": "4", "reason": ""}
    answer = town.post("/desk/scores/ratings", told)
    assert answer.status_code == 422
    assert 'value="1" checked' in answer.content.decode()
    assert town.post("/desk/scores/ratings", told | {"speed": "5"}).status_code == 302
    assert town.post("/desk/scores/ratings", told | {"reason": "太慢"}).status_code == 302
    row = UnitRating.objects.get()
    assert (row.rater_code, row.speed, row.reason) == (TOWN, 1, "太慢")
    with pytest.raises(NotFound):  # nothing of the town went there
        rating.rate_unit(
            world.units["other"].pk, MONTH, Stars(5, 5, 5), by=world.actor("dispatcher"), now=now
        )
    with pytest.raises(NotAllowed):
        rating.rate_unit(unit, MONTH, Stars(5, 5, 5), by=world.actor("handler"), now=now)
    with pytest.raises(BadInput):
        rating.rate_unit(unit, MONTH, Stars(0, 5, 5), by=world.actor("dispatcher"), now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitRating.objects.filter(pk=row.pk).update(reason="")

    # One press of the unit that handled it; it speaks of the desk, and of who found it.
    handler = as_("handler")
    url = f"/desk/cases/{case.number}/report-rating"
    assert handler.post(url, {"all": "1"}).status_code == 302
    assert ReportRating.objects.get().right == 3
    handler.post(url, {"place": "1"})
    assert ReportRating.objects.get().right == 1
    assert rating.rated_of(Kind.DESK, DISTRICT, MONTH)[TOWN].number == 1
    as_("dispatcher").post(url, {"all": "1"})
    assert ReportRating.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportRating.objects.update(reporter=world.accounts["handler"])


def test_a_worker_by_what_they_found_what_others_found_and_what_they_were_asked(
    world: World, as_: Callable[..., Client]
) -> None:
    worker = world.accounts["worker"].pk
    world.closed()  # told by the hotline from the worker's grid: the patrol had missed it
    score = of(Kind.WORKER, worker).score
    figures = {line.part.measure: saying.figure_words(line.measured) for line in score.lines}
    with override("en"):
        assert figures["missed"].startswith("1 / 1")
    assert score.total == 0
    assert as_("worker").get(f"/desk/scores/of/worker/{worker}?part=missed").status_code == 200
    other = world.accounts["far_worker"].pk
    assert as_("worker").get(f"/desk/scores/of/worker/{other}").status_code == 404
    # Colleagues are not ranked before one another.
    assert "邻格网格员" not in as_("worker").get("/desk/scores/").content.decode()


def test_a_veto_wants_evidence_a_fitting_ground_and_another_hand(
    world: World, as_: Callable[..., Client]
) -> None:
    unit, now = world.units["lead"].pk, timezone.now()
    case = world.handled()
    url = f"/desk/scores/of/unit/{unit}/veto"
    given = {"ground": "false_evidence", "words": "照片是旧的", "cases": ""}
    answer = as_("dispatcher").post(url, given)
    assert answer.status_code == 422
    assert "照片是旧的" in answer.content.decode()
    assert as_("dispatcher").post(url, given | {"cases": "12345"}).status_code == 422
    assert as_("dispatcher").post(url, given | {"ground": "none"}).status_code == 422
    answer = as_("dispatcher").post(url, given | {"cases": case.number})
    assert answer.status_code == 302
    veto = ScoreVeto.objects.get()
    assert as_("dispatcher").post(url, given | {"cases": case.number}).status_code == 409

    told = vetoing.Told(Kind.DESK, TOWN, MONTH, "refusal", "x", cases=[case.number])
    with pytest.raises(NotAllowed):  # the own desk
        vetoing.propose(told, by=world.actor("dispatcher"), now=now)
    with pytest.raises(NotFound):
        vetoing.withdraw(veto.pk, by=world.actor("far_dispatcher"))
    with pytest.raises(NotAllowed):
        vetoing.withdraw(veto.pk, by=world.actor("leader"))
    # The database has the last word on the second hand.
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreVeto.objects.filter(pk=veto.pk).update(
            state="approved", decided_by=veto.proposed_by, decided_at=now
        )
    vetoing.decide(veto.pk, agree=True, answer="", by=world.actor("leader"), now=now)
    with pytest.raises(NotAllowed):  # who decided does not lift
        vetoing.lift(veto.pk, why="改判", by=world.actor("leader"), now=now)
    with pytest.raises(Missing):
        vetoing.lift(veto.pk, why=" ", by=SYSTEM, now=now)
    assert "一票否决" in as_("handler").get(f"/desk/scores/of/unit/{unit}").content.decode()


def test_a_sheet_is_written_by_one_and_approved_by_another_for_a_month_to_come(
    world: World, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huying.people.second_factor.was_used", lambda *_: True)
    monkeypatch.setattr("huying.people.second_factor.is_set_up", lambda *_: True)
    administrators(world)
    first, second = as_("first"), as_("second")
    base = "/desk/scores/sheets/unit"
    assert first.post(f"{base}/begin").status_code == 302
    assert first.post(f"{base}/begin").status_code == 409
    assert first.get(base).status_code == 200
    wrong = {
        **{"measure-0": "handled", "rule-0": "share", "weight-0": "90"},
        **{"others": "30", "cap": "100"},
    }
    answer = first.post(f"{base}/save", wrong)
    assert answer.status_code == 422
    assert 'value="90"' in answer.content.decode()
    assert first.post(f"{base}/save", wrong | {"weight-0": "100"}).status_code == 302
    assert first.post(f"{base}/propose", {"since": f"{MONTH:%Y-%m}"}).status_code == 422
    assert first.post(f"{base}/propose", {"since": f"{after(MONTH):%Y-%m}"}).status_code == 302
    assert first.post(f"{base}/approve").status_code == 403
    row = ScoreSheet.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreSheet.objects.update(
            state="approved", approved_by=row.proposed_by, approved_at=timezone.now()
        )
    assert second.post(f"{base}/approve").status_code == 302
    assert publishing.held(Kind.UNIT, DISTRICT, MONTH).version == 0
    coming = publishing.held(Kind.UNIT, DISTRICT, after(MONTH))
    assert (coming.version, coming.sheet.others, len(coming.sheet.parts)) == (1, 30, 1)
    assert second.get(base).status_code == 200
    assert second.get("/desk/scores/").status_code == 403  # they set it up, they do not look


def test_closed_months_are_written_once(world: World) -> None:
    body = {kind: {"version": 0, "sheet": sheets.as_data(sheets.defaults()[kind])} for kind in Kind}
    more = {"district_code": DISTRICT, "month": MONTH, "at": timezone.now(), "sheets": body}
    ClosedMonth.objects.create(**more)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClosedMonth.objects.create(**more)


def test_who_sees_whose(world: World) -> None:
    def seen(name: str) -> set[str]:
        actor = world.actor(name)
        found: set[str] = set()
        for kind in kinds_for(actor):
            month = monthly.month_of(kind, DISTRICT, MONTH, now=timezone.now())
            found |= {each.subject.name for each in month.standings if sees(actor, each.subject)}
        return found

    assert seen("worker") == {"陈小妹"}
    assert seen("handler") == {"石碁镇城管执法队"}
    assert seen("checker") == seen("member") == set()
    town = seen("leader")
    assert {"陈小妹", "李建华", "石碁镇城管执法队", "小龙村党支部"} <= town
    assert not {"外镇城管执法队", "外镇值班员", "外村党支部"} & town
    assert "外镇城管执法队" in seen("district_dispatcher")
    # A dispatcher sees themselves, not the colleague at the same desk.
    world.colleague()
    assert "李建华" in seen("dispatcher")
    assert "李梅" not in seen("dispatcher")
