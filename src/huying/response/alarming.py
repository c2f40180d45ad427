"""告警: the nearest team on duty is called to an emergency, answers, or the next one is called.

An alarm calls; which unit has the case is still the desk's to say. A team that has not answered
within its minutes has missed the alarm: the clock calls the next one, and tells the desk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from huying.cases.models import Case, CaseParty
from huying.cases.reading import CaseQuerySet
from huying.cases.states import State
from huying.cases.turns import take_all, take_some
from huying.cases.verbs import Act, verb
from huying.catalogue.versions import snapshot
from huying.errors import BadInput, Missing, NotAllowed, WrongState
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.people.acting import SYSTEM
from huying.people.models import Unit, UnitKind
from huying.places.locating import index
from huying.places.measure import metres_between
from huying.response.models import Alarm, AlarmLimit
from huying.response.nearest import Candidate, Ranked, Reason, rank
from huying.response.present import WAITING, Place, TeamNow, accounts_on_duty, teams_now

MINUTES = 5
"""How long a team has to answer where nobody has set another time."""

SOME = 200
"""Cases that the clock looks at in one transaction."""

GIVEN = kind(
    "alarm_given",
    gettext_lazy("Alarm"),
    gettext_lazy("{item}: {team} is called. Answer by {by}."),
    alarm=True,
)
ANSWERED = kind(
    "alarm_answered",
    gettext_lazy("Alarm answered"),
    gettext_lazy("{team} answers the alarm: {item}."),
    group=Group.EMERGENCY,
)
MISSED = kind(
    "alarm_missed",
    gettext_lazy("Alarm not answered"),
    gettext_lazy("{item}: {team} has not answered; {next} is called."),
    alarm=True,
)
NOBODY_LEFT = kind(
    "alarm_nobody_left",
    gettext_lazy("No team answers"),
    gettext_lazy(
        "{item}: {team} has not answered, and no other team is on duty. The desk has to act."
    ),
    alarm=True,
)


@dataclass(frozen=True, slots=True)
class NearTeam:
    """A team that can be called, with its reasons in words."""

    now: TeamNow
    metres: float | None
    reasons: tuple[str, ...]

    @property
    def team(self) -> Unit:
        return self.now.team


def place_of(case: Case) -> Place | None:
    """Where the case is, or the middle of its area as far as that is known."""
    if case.lon is not None and case.lat is not None:
        return Place(case.lon, case.lat)
    area = index().areas.get(case.area_code)
    return Place(area.lon, area.lat) if area is not None else None


def near(case: Case, now: datetime, *, without: Iterable[int] = ()) -> list[NearTeam]:
    """The teams of the district on duty that can be called, the best first."""
    teams = Unit.objects.filter(
        kind=UnitKind.TEAM, active=True, district_code=case.district_code
    ).exclude(pk__in=list(without))
    found = {each.team.pk: each for each in teams_now(teams, now, all_of_them=False)}
    spot, item = place_of(case), case.item_code or case.suggested_item
    candidates = [
        Candidate(
            team_id=pk,
            sort=each.team.sort,
            metres=_metres(spot, each.place),
            seen=each.place is not None and each.place.seen_at is not None,
            load=each.load,
            skilled=item in each.items,
            on_duty=each.on_duty,
        )
        for pk, each in found.items()
    ]
    return [
        NearTeam(
            found[each.candidate.team_id],
            each.candidate.metres,
            tuple(words(reason, each) for reason in each.reasons),
        )
        for each in rank(candidates)
    ]


def _metres(one: Place | None, other: Place | None) -> float | None:
    if one is None or other is None:
        return None
    return metres_between(one.lon, one.lat, other.lon, other.lat)


def words(reason: Reason, ranked: Ranked) -> str:
    """A reason as a dispatcher reads it."""
    candidate = ranked.candidate
    far = distance_words(candidate.metres or 0.0)
    return {
        Reason.DISTANCE: _("last seen %(far)s away") % {"far": far},
        Reason.AREA_DISTANCE: _("its area's middle is %(far)s away") % {"far": far},
        Reason.DISTANCE_UNKNOWN: _("nobody knows how far away"),
        Reason.SKILLED: _("has the skill for this item"),
        Reason.FREE: _("nothing else to do now"),
        Reason.BUSY: _("open work: %(n)d") % {"n": candidate.load},
        Reason.ON_DUTY: _("on duty: %(n)d") % {"n": candidate.on_duty},
    }[reason]


def distance_words(metres: float) -> str:
    """650 m, 3.2 km."""
    if metres < 1000:
        return _("%(n)d m") % {"n": round(metres, -1)}
    return _("%(n).1f km") % {"n": metres / 1000}


def minutes_to_answer(case: Case) -> int:
    """How long a team has: as set for the item, else for the district, else `MINUTES`."""
    item = case.item_code or case.suggested_item
    limits = dict(
        AlarmLimit.objects.filter(
            district_code=case.district_code, item_code__in={item, ""}
        ).values_list("item_code", "minutes")
    )
    return limits.get(item, limits.get("", MINUTES))


def waiting(case: Case) -> list[Alarm]:
    """The alarms of the case that may still be answered."""
    return list(Alarm.objects.filter(WAITING, case=case).select_related("team"))


@verb("alarm")
def alarm(act: Act, *, team: int | None = None) -> None:
    """告警: calls everybody of a team who is on duty. They have so many minutes to answer.

    Raises:
        Missing: no team.
        BadInput: there is no such team here, nobody of it is on duty, or it is called already.
    """
    if team is None:
        raise Missing(_("Please choose a team."), field="team")
    chosen = Unit.objects.filter(
        pk=team, kind=UnitKind.TEAM, active=True, district_code=act.case.district_code
    ).first()
    if chosen is None:
        raise BadInput(_("There is no such team in the district."), field="team")
    if Alarm.objects.filter(WAITING, case=act.case, team=chosen).exists():
        raise BadInput(_("This team has been called already and may still answer."), field="team")
    _call(act, chosen)


def _call(act: Act, team: Unit) -> Alarm:
    called = accounts_on_duty(team, act.now)
    if not called:
        raise BadInput(_("Nobody of this team is on duty now."), field="team")
    given = Alarm.objects.create(
        case=act.case,
        district_code=act.case.district_code,
        team=team,
        given_at=act.now,
        answer_by=act.now + timedelta(minutes=minutes_to_answer(act.case)),
    )
    act.joins(CaseParty.Part.ALARMED, unit=team.pk)
    act.data |= {"unit": team.pk, "answer_by": given.answer_by}
    act.tell(
        GIVEN,
        Whom(accounts=called),
        item=_matter(act.case, act.now),
        team=team.name,
        by=formats.date_format(timezone.localtime(given.answer_by), "H:i"),
    )
    return given


@verb("alarm_answer")
def alarm_answer(act: Act) -> None:
    """应答: somebody of a team that was called says that it is on its way.

    Raises:
        NotAllowed: the actor's team was not called, or the next one has been called since.
    """
    given = (
        Alarm.objects.filter(WAITING, case=act.case, team=act.by.unit_id)
        .select_related("team")
        .first()
    )
    if given is None:
        raise NotAllowed(_("No alarm waits for your team's answer here."))
    given.answered_at = act.now
    given.answered_by_id = act.by.account_id
    given.save(update_fields=["answered_at", "answered_by"])
    act.data["unit"] = given.team_id
    act.tell(
        ANSWERED,
        Whom(desks=(act.case.holder_code,)),
        item=_matter(act.case, act.now),
        team=given.team.name,
    )


@verb("alarm_next")
def alarm_next(act: Act) -> None:
    """告警转下一队: a team has not answered in time; the next one on duty is called.

    Teams that were called to this case before are not called again by the clock. None is called
    while another one has answered, or may still answer.

    Raises:
        WrongState: no alarm of the case is overdue.
    """
    case = act.case
    missed = (
        Alarm.objects.filter(WAITING, case=case, answer_by__lte=act.now)
        .select_related("team")
        .order_by("answer_by", "id")
        .first()
    )
    if missed is None:
        raise WrongState(_("No alarm of this case is overdue."))
    missed.missed_at = act.now
    missed.save(update_fields=["missed_at"])
    _sees_no_more(missed, act.seq)
    act.data["from_unit"] = missed.team_id
    others = Alarm.objects.filter(case=case, missed_at=None, ended_at=None)
    item, team, desk = _matter(case, act.now), missed.team.name, (case.holder_code,)
    if others.exists():
        return
    tried = Alarm.objects.filter(case=case).values_list("team", flat=True)
    following = near(case, act.now, without=tried)
    if following:
        called = following[0].team
        _call(act, called)
        act.tell(MISSED, Whom(desks=desk), item=item, team=team, next=called.name)
    else:
        act.tell(NOBODY_LEFT, Whom(desks=desk, leaders=desk), item=item, team=team)


def _sees_no_more(alarm: Alarm, seq: int) -> None:
    CaseParty.objects.filter(
        case=alarm.case_id, unit=alarm.team_id, part=CaseParty.Part.ALARMED, until_seq=None
    ).update(until_seq=seq)


def _matter(case: Case, now: datetime) -> str:
    item = snapshot(now).get(case.item_code or case.suggested_item)
    if item is not None:
        return item.name
    with override(settings.LANGUAGE_CODE):
        return _("an emergency")


STILL_CALLS = frozenset({State.REPORTED, State.ACCEPTED, State.DISPATCHED})
"""While a case is in one of these, nobody has signed for it: an alarm that is missed goes on."""


def call_next_all(*, now: datetime) -> int:
    """Sees to all alarms that were not answered in time, some at a time; how many."""
    return take_all(_unanswered(now), lambda case: _see_to(case, now), some=SOME)


def call_next(*, now: datetime, limit: int = SOME) -> int:
    """Sees to up to ``limit`` cases with an alarm that was not answered in time; how many.

    Whoever comes later finds the alarm missed already. However many runs were missed, a team that
    nobody has called has missed nothing: one step a case and run.
    """
    return take_some(_unanswered(now), lambda case: _see_to(case, now), some=limit)


def _unanswered(now: datetime) -> CaseQuerySet:
    late = Alarm.objects.filter(WAITING, answer_by__lte=now)
    return Case.objects.filter(pk__in=late.values("case")).order_by("pk")


def _see_to(case: Case, now: datetime) -> bool:
    # Looked up under the case's lock: another worker may have been here a moment ago.
    late = list(Alarm.objects.filter(WAITING, case=case, answer_by__lte=now))
    if not late:
        return False
    if case.state in STILL_CALLS and not case.is_suspended:
        alarm_next(case, by=SYSTEM, now=now)
        return True
    for each in late:
        # The matter is in somebody's hands, or has ended: nobody waits for an answer any more.
        each.ended_at = now
        each.save(update_fields=["ended_at"])
        _sees_no_more(each, case.last_seq)
    return True
