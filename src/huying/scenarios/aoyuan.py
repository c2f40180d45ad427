"""番奥社区 (番禺奥园), a month: 378 members in 23 branches, 20 of them of its buildings, six teams
of volunteers, and 800 suggestions of which 200 are done.

The figures are from the press (2019), as are the teams and what was suggested and done. The rest
is made up: who joins which team, how many come of an evening, what a member takes on.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any, Final

from django.db import transaction

from huying.branches import founding
from huying.branches.models import Branch, Kind
from huying.cases.models import Attachment
from huying.neighbours import circles, claiming, hours, meeting, rating, suggesting, wishing
from huying.neighbours.models import Circle, Suggestion
from huying.neighbours.models.circles import JoiningState, Tie
from huying.neighbours.models.suggestions import SuggestionState
from huying.people.acting import RESIDENT, Actor, actor_for, in_force
from huying.people.models import Post, Role
from huying.people.names import generated_name
from huying.places.models import Grid
from huying.registry import addressing
from huying.registry.addressing import Spot
from huying.scenarios.community import (
    DAYS,
    FIRST_DAY,
    Diary,
    at,
    branch,
    branches_of,
    days,
    grids_of,
    inside,
    members_of,
    take_in,
    takes_part,
)
from huying.scenarios.demo_neighbours import IDEAS, REASONS, TEAMS
from huying.scenarios.demo_words import dice
from huying.scenarios.petrol import photo
from huying.scenarios.players import desk, quiet

STORY: Final = "aoyuan"
COMMUNITY: Final = "440113010008"
MEMBERS, HOUSES, SUGGESTIONS, DONE = 378, 20, 800, 200
UNITS: Final = ("奥园物业党支部", "流动党员党支部")
IN_A_TEAM: Final = 5
EVENINGS: Final = (5, 12, 19, 26)
"""Days on which every team meets."""


def play(on_step: Any = quiet) -> dict[str, Any]:
    """Builds the community and lives its month; the figures are counted from the records."""
    diary, chance = Diary(on_step), dice("huying", STORY)
    with transaction.atomic():
        grids = grids_of(COMMUNITY, at(0, 8))
        desk(COMMUNITY, "番奥社区网格化服务管理工作站")
        by = takes_part(STORY, "desk", "黎晓雯", Role.DISPATCHER, COMMUNITY)
        members = _organise(grids, by, diary, chance)
        teams = _teams(by, members, diary)
        _claims(by, members, diary)
    for day in days():
        with transaction.atomic():
            _suggest(day, by, diary, chance)
            if day in EVENINGS:
                _meet(day, teams, by, diary, chance)
            _carry_out(day, by, diary)
    _certify(by, members, diary)
    return figures() | diary.told()


def figures() -> dict[str, int]:
    """What the records say of the community at the month's end."""
    branches = branches_of(COMMUNITY)
    ideas = Suggestion.objects.filter(area_code=COMMUNITY)
    return {
        "members": members_of(COMMUNITY),
        "branches": len(branches),
        "building_branches": sum(each.kind == Kind.BUILDING for each in branches),
        "teams": Circle.objects.filter(area_code=COMMUNITY, tie=Tie.TEAM, ended_at=None).count(),
        "suggestions": ideas.count(),
        "done": ideas.filter(state=SuggestionState.DONE).count(),
    }


def _organise(grids: list[Grid], by: Actor, diary: Diary, chance: random.Random) -> list[Actor]:
    """The committee's centre, the property company, migrants, and each of 20 houses."""
    now = at(0, 9)
    top = branch(COMMUNITY, "番奥社区党委", Kind.COMMITTEE, by=by, now=now)
    if not branches_of(COMMUNITY):
        branch(
            COMMUNITY, "番奥社区居委中心党支部", Kind.GRID, by=by, now=now, parent=top.pk,
            grids=[grids[0].code],
        )  # fmt: skip
        for name in UNITS:
            branch(COMMUNITY, name, Kind.UNIT, by=by, now=now, parent=top.pk)
        for number in range(1, HOUSES + 1):
            spot = Spot(*inside(grids[number % len(grids)], chance))
            text = f"奥园路{number}号"
            house = addressing.ensure(COMMUNITY, text, by=by, now=now, spot=spot)
            branch(
                COMMUNITY, f"番奥社区第{number}楼栋党支部", Kind.BUILDING, by=by, now=now,
                parent=top.pk, buildings=[house.pk],
            )  # fmt: skip
    branches = branches_of(COMMUNITY)
    diary.note("found_branches", by, now, len(branches))
    members = [
        takes_part(STORY, f"member-{n}", generated_name(32_000 + n), Role.MEMBER, COMMUNITY,
                   each.unit)
        for n, each in enumerate(branches)
    ]  # fmt: skip
    new = take_in(COMMUNITY, (), MEMBERS, accounts=members, first=1000, by=by, now=at(0, 10))
    diary.note("take_in_members", by, at(0, 10), new)
    _secretaries(branches, by, diary)
    return members


def _secretaries(branches: list[Branch], by: Actor, diary: Diary) -> None:
    named = 0
    for each in branches:
        first = each.members.living().order_by("made_at", "id").first()
        if each.kind != Kind.GRID and each.secretary_id is None and first is not None:
            founding.appoint(each.pk, first.pk, by=by, now=at(0, 11))
            named += 1
    diary.note("appoint", by, at(0, 11), named)


def _teams(by: Actor, members: list[Actor], diary: Diary) -> list[Circle]:
    """Six teams; each is joined by five of the members, who are accepted."""
    now, joined = at(1, 10), 0
    for n, (name, words) in enumerate(TEAMS):
        there = Circle.objects.filter(area_code=COMMUNITY, name=name, ended_at=None).first()
        circle = there or circles.make(
            COMMUNITY, circles.Told(Tie.TEAM, name, words), by=by, now=now
        )
        for k in range(IN_A_TEAM):
            who = members[(n * 3 + k) % len(members)]
            if circle.joinings.filter(account=who.account_id).exists():
                continue
            joining = circles.ask(circle.pk, by=who, now=now)
            circles.decide(circle.pk, joining.pk, True, by=by, now=now)
            joined += 1
    rows = list(Circle.objects.filter(area_code=COMMUNITY, tie=Tie.TEAM, ended_at=None))
    diary.note("make_teams", by, now, len(rows))
    diary.note("join_teams", by, now, joined)
    return rows


def _suggest(day: int, by: Actor, diary: Diary, chance: random.Random) -> None:
    """Residents suggest, evenly over the month; the desk answers or adopts on the next day."""
    there = Suggestion.objects.filter(area_code=COMMUNITY).count()
    wanted = SUGGESTIONS * (day + 1) // DAYS
    now = at(day, 20)
    for number in range(there, wanted):
        words, _done = IDEAS[number % len(IDEAS)]
        said = suggesting.Said(
            COMMUNITY, f"{chance.randrange(1, HOUSES + 1)}栋：{words}", form=f"{STORY}/{number}"
        )
        found, _code = suggesting.collect(said, by=RESIDENT, now=now)
        later = now + timedelta(minutes=30)
        if number % 4 == 0:
            suggesting.adopt(found.pk, "采纳。", by=by, now=later)
        elif number % 4 == 1:
            suggesting.answer(found.pk, chance.choice(REASONS), by=by, now=later)
    if wanted > there:
        diary.note("suggest", RESIDENT, now, wanted - there)


def _carry_out(day: int, by: Actor, diary: Diary) -> None:
    """What was adopted is done, a day later, until as much is done as was."""
    ideas = Suggestion.objects.filter(area_code=COMMUNITY)
    done = ideas.filter(state=SuggestionState.DONE).count()
    wanted = DONE if day == DAYS - 1 else DONE * day // DAYS
    now = at(day, 21)
    rows = ideas.filter(state=SuggestionState.ADOPTED, wish=None, case=None)
    some = list(rows.order_by("collected_at", "pk")[: max(0, wanted - done)])
    for each in some:
        words = next((said for idea, said in IDEAS if idea in each.words), "已办好。")
        suggesting.carry_out(each.pk, words, by=by, now=now)
    if some:
        diary.note("carry_out", by, now, len(some))


def _meet(day: int, teams: list[Circle], by: Actor, diary: Diary, chance: random.Random) -> None:
    """Every team meets: who signed up, who came, and two hours for each of them."""
    came, begins = 0, at(day, 19)
    for circle in teams:
        told = meeting.Told(
            f"{circle.name[:-1]}活动", "奥园中心广场", begins, begins + timedelta(hours=2), 20
        )
        made = meeting.plan(circle.pk, told, by=by, now=at(day - 2, 9))
        for joining in circle.joinings.filter(state=JoiningState.IN).select_related("account"):
            actor = _actor(joining.account_id)
            if actor is not None:
                meeting.sign_up(made.pk, by=actor, now=at(day - 1, 9))
        rows = [row.pk for row in made.attendances.all() if chance.randrange(6)]
        meeting.confirm(made.pk, rows, 120, by=by, now=begins + timedelta(hours=3))
        came += len(rows)
    diary.note("meet", by, begins, came)


def _actor(account: int) -> Actor | None:
    post = (
        Post.objects.filter(in_force(FIRST_DAY), account=account, role=Role.MEMBER)
        .select_related("account")
        .first()
    )
    return actor_for(post, FIRST_DAY) if post is not None else None


def _claims(by: Actor, members: list[Actor], diary: Diary) -> None:
    """A resident's wish is taken on by a member, done with photos, and both rate each other."""
    now, member = at(2, 9), members[3]
    said = suggesting.Said(
        COMMUNITY, "独居老人家里的灯坏了，想请人帮忙换一下。", form=f"{STORY}/wish"
    )
    idea, _code = suggesting.collect(said, by=RESIDENT, now=now)
    if idea.state != SuggestionState.NEW:
        return
    diary.note("suggest", RESIDENT, now)
    told = wishing.Told("wish", "换一盏灯", "独居老人家客厅的灯坏了。", 1, stall_days=7)
    wish = suggesting.to_wish(idea.pk, told, by=by, now=at(2, 10))
    wishing.publish(wish.pk, by=by, now=at(2, 10, 5))
    diary.note("publish", by, at(2, 10, 5))
    claim = claiming.claim(wish.pk, by=member, now=at(2, 12))
    diary.note("claim", member, at(2, 12))
    before, after = (
        [photo("lamp", kind, member, at(3, 19)).pk]
        for kind in (Attachment.Kind.PHOTO_BEFORE, Attachment.Kind.PHOTO_AFTER)
    )
    claiming.tell_result(
        wish.pk, "灯换好了，顺便检查了开关。", before=before, after=after, by=member, now=at(3, 19)
    )
    diary.note("tell_result", member, at(3, 19))
    claiming.approve(wish.pk, claim.pk, by=by, now=at(4, 9))
    diary.note("approve", by, at(4, 9))
    found = Suggestion.objects.get(pk=idea.pk)
    rating.by_resident(found, claim.pk, 5, "来得很快，谢谢。", now=at(4, 12))
    diary.note("rate", RESIDENT, at(4, 12))
    rating.by_claimant(wish.pk, 5, "社区借了梯子。", by=member, now=at(4, 13))
    diary.note("rate", member, at(4, 13))


def _certify(by: Actor, members: list[Actor], diary: Diary) -> None:
    """The members of the first team get their hours on paper."""
    team = Circle.objects.filter(area_code=COMMUNITY, name=TEAMS[0][0], ended_at=None).get()
    given = 0
    for each in hours_of(team, members):
        hours.certify(team.pk, at(0).year, by=each, now=at(DAYS, 10))
        given += 1
    diary.note("certify", by, at(DAYS, 10), given)


def hours_of(team: Circle, members: list[Actor]) -> list[Actor]:
    """Those of the team who have hours."""
    return [
        each
        for each in members
        if any(given.circle == team for given in hours.given_by(each.account_id))
    ]


def said(result: dict[str, Any]) -> str:
    return (
        f"{result['members']} members in {result['branches']} branches, "
        f"{result['building_branches']} of buildings; {result['teams']} teams; "
        f"{result['suggestions']} suggestions, {result['done']} done; "
        f"{len(result['steps'])} steps, chain {result['chain']}"
    )
