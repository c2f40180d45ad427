"""The pages of teams: who is on duty where, a team with its people, and the layer on the map."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from huying.cases.models import Case
from huying.catalogue.versions import snapshot
from huying.desk import offers
from huying.desk.here import at_desk, me
from huying.people.acting import Actor, in_force
from huying.people.models import Post, Role, TeamSort, Unit
from huying.response.duty import ON_DUTY, Standing, standing
from huying.response.models import Alarm, Member, Shift, Turn
from huying.response.present import TeamNow, teams_now, teams_seen
from huying.response.rostering import may_roster

STEP = 40
"""Teams on one page of the list."""

MOST_ON_MAP = 500
MOST_EMERGENCIES = 200

STANDING_LABELS = {
    Standing.PRESENT: ("s-handling", "circle-check"),
    Standing.EXPECTED: ("s-accepted", "hourglass"),
    Standing.LEFT: ("", "logout"),
    Standing.LEAVE: ("badge-warn", "player-pause"),
    Standing.OFF: ("", "moon"),
}


@require_safe
@at_desk
def teams(request: HttpRequest) -> HttpResponseBase:
    """The teams of the post's area: on duty or not, with how many, and what they have to do."""
    actor, now = me(request), timezone.now()
    seen = teams_seen(actor)
    asked = _asked(request)
    found = seen
    if asked["sort"] in TeamSort.values:
        found = found.filter(sort=asked["sort"])
    if asked["area"].isdecimal():
        found = found.filter(area_code__startswith=asked["area"])
    if asked["q"]:
        found = found.filter(name__icontains=asked["q"][:40])
    duty = Turn.objects.filter(
        begins_at__lte=now, ends_at__gt=now, on_leave=False, left_at=None
    ).values("team")
    if asked["duty"]:
        found = found.filter(pk__in=duty)
    first = int(asked["from"]) if asked["from"].isdecimal() and len(asked["from"]) < 6 else 0
    rows = list(found.order_by("area_code", "sort", "code")[first : first + STEP + 1])
    counts = dict(seen.values_list("sort").annotate(Count("pk")).order_by())
    more = len(rows) > STEP
    context = {
        "actor": actor,
        "rows": teams_now(rows[:STEP], now),
        "total": found.count(),
        "on_duty": found.filter(pk__in=duty).count(),
        "asked": asked,
        "sorts": [(value, label, counts.get(value, 0)) for value, label in TeamSort.choices],
        "all": sum(counts.values()),
        "areas": offers.areas_of(actor.area_code),
        "next": _query(asked | {"from": str(first + STEP)}) if more else "",
        "first": first,
        "any": seen.exists(),
    }
    return render(request, "desk/teams/list.html", context)


def _asked(request: HttpRequest) -> dict[str, str]:
    return {
        name: request.GET.get(name, "").replace("\0", "")
        for name in ("sort", "area", "q", "duty", "from")
    }


def _query(asked: dict[str, str]) -> str:
    return urlencode({name: value for name, value in asked.items() if value})


def team_or_404(request: HttpRequest, code: str) -> Unit:
    """The team that an address names, if the post may see it."""
    team = teams_seen(me(request)).filter(code=code).first()
    if team is None:
        raise Http404
    return team


@require_safe
@at_desk
def team(request: HttpRequest, code: str) -> HttpResponseBase:
    """One team: who is on duty now, the week's roster, its people, and its last alarms."""
    found = team_or_404(request, code)
    return render(request, "desk/teams/team.html", shown(found, request))


def shown(found: Unit, request: HttpRequest) -> dict[str, Any]:
    """What the pages of a team show."""
    actor, now = me(request), timezone.now()
    monday = week_of(request.GET.get("week", ""), now)
    turns = list(
        Turn.objects.filter(team=found, day__range=(monday, monday + timedelta(days=6)))
        .select_related("member__account", "shift", "swapped_with__account")
        .order_by("begins_at", "member__account__name")
    )
    running = list(
        Turn.objects.filter(team=found, begins_at__lte=now, ends_at__gt=now).select_related(
            "member__account", "shift", "position"
        )
    )
    stands = [(turn, *standing([turn], now)) for turn in running]
    mine = [turn for turn in running if turn.member.account_id == actor.account_id]
    state, my_turn = standing(mine, now)
    here = teams_now([found], now)[0]
    return {
        "actor": actor,
        "team": found,
        "here": here,
        "running": [
            {"turn": turn, "standing": kind, "look": STANDING_LABELS[kind]}
            for turn, kind, _same in stands
        ],
        "mine": my_turn if state in ON_DUTY or state is Standing.LEFT else None,
        "my_standing": str(state),
        "members": _members(found, now),
        "strangers": _strangers(found, now),
        "week": _week(monday, turns, now),
        "monday": monday,
        "before": _iso(monday - timedelta(days=7)),
        "after": _iso(monday + timedelta(days=7)),
        "shifts": list(Shift.objects.filter(team=found)),
        "may_roster": may_roster(actor, found),
        "alarms": _alarms(found, actor),
        "now": now,
    }


def week_of(text: str, now: datetime) -> date:
    """The Monday of a week told as 2026-W48; of this week for anything else."""
    today = timezone.localdate(now)
    try:
        year, _dash, week = text.partition("-W")
        monday = date.fromisocalendar(int(year), int(week), 1)
    except (ValueError, OverflowError):
        monday = today - timedelta(days=today.weekday())
    # Ten years either way are more than any roster, and no day is off the calendar.
    return monday if abs((monday - today).days) < 3650 else today - timedelta(days=today.weekday())


def _iso(day: date) -> str:
    year, week, _day = day.isocalendar()
    return f"{year}-W{week:02}"


def _week(monday: date, turns: list[Turn], now: datetime) -> list[dict[str, Any]]:
    """The seven days, each with its shifts and who has them."""
    days = []
    for n in range(7):
        day = monday + timedelta(days=n)
        shifts: dict[str, list[Turn]] = {}
        for turn in turns:
            if turn.day == day:
                shifts.setdefault(turn.shift.name, []).append(turn)
        rows = [{"name": name, "first": some[0], "turns": some} for name, some in shifts.items()]
        days.append({"day": day, "today": day == timezone.localdate(now), "shifts": rows})
    return days


def _members(found: Unit, now: datetime) -> list[Member]:
    """The members who hold a post in the team, the lead first."""
    return list(
        Member.objects.filter(team=found, account__in=_holders(found, now))
        .select_related("account", "home")
        .prefetch_related("skills")
        .order_by("-leads", "account__name")
    )


def _strangers(found: Unit, now: datetime) -> list[Post]:
    """Holders of a post in the team who do not stand in its list yet."""
    posts = Post.objects.filter(in_force(timezone.localdate(now)), unit=found)
    return list(
        posts.filter(role=Role.HANDLER, account__is_active=True)
        .exclude(account__in=Member.objects.filter(team=found).values("account"))
        .select_related("account")[:50]
    )


def _holders(found: Unit, now: datetime) -> Any:
    posts = Post.objects.filter(in_force(timezone.localdate(now)), unit=found, role=Role.HANDLER)
    return posts.values("account")


def _alarms(found: Unit, actor: Actor) -> list[Alarm]:
    """The last alarms to cases that the actor may see."""
    cases = Case.objects.visible_to(actor).values("pk")
    return list(
        Alarm.objects.filter(team=found, case__in=cases)
        .select_related("case__item_version", "answered_by")
        .order_by("-given_at")[:8]
    )


@require_safe
@at_desk
def on_map(request: HttpRequest) -> HttpResponseBase:
    """What the map draws beside the cases of its view: teams on duty, and open emergencies.

    Where people are is for desks and leaders alone.
    """
    actor, now = me(request), timezone.now()
    found: list[TeamNow] = []
    emergencies: list[Any] = []
    if actor.role == Role.DISPATCHER or actor.is_leader:
        found = teams_now(teams_seen(actor), now, all_of_them=False)[:MOST_ON_MAP]
        emergencies = list(
            Case.objects.visible_to(actor)
            .open()
            .filter(emergency=True, lon__isnull=False)
            .order_by("-received_at")
            .values_list("number", "lon", "lat", "item_code")[:MOST_EMERGENCIES]
        )
    catalogue = snapshot(now)
    named = {code: catalogue.get(code) for *_place, code in emergencies}
    answer = {
        "teams": [_point(each) for each in found],
        "emergencies": emergencies,
        "items": {code: item.name for code, item in named.items() if item is not None},
    }
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False})


def _point(each: TeamNow) -> dict[str, Any]:
    place = each.place
    seen = place.seen_at if place is not None else None
    return {
        "code": each.team.code,
        "name": each.team.name,
        "sort": each.team.get_sort_display(),
        "lon": round(place.lon, 5) if place else None,
        "lat": round(place.lat, 5) if place else None,
        "seen": f"{timezone.localtime(seen):%H:%M}" if seen else "",
        "on_duty": each.on_duty,
        "load": each.load,
        "url": reverse("team", args=[each.team.code]),
    }
