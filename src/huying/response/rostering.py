"""排班: who has which turn; swaps, leave, coming and going, and where somebody on duty is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, Missing, NotAllowed, WrongState
from huying.people.acting import Actor
from huying.people.models import Account, Post, Role, Unit, UnitKind
from huying.response.duty import ON_DUTY, hours, standing_of
from huying.response.models import LastPosition, Member, Shift, Skill, Turn

LONGEST_ROSTER = timedelta(days=92)
"""Nobody plans further with one form; a slip of the year would fill the table."""


def leads(actor: Actor, team: Unit) -> bool:
    """Whether the actor, on their present post, leads the team."""
    return (
        actor.unit_id == team.pk
        and Member.objects.filter(team=team, account=actor.account_id, leads=True).exists()
    )


def may_roster(actor: Actor, team: Unit) -> bool:
    """Whether the actor writes the team's roster: a desk of its area, or who leads the team."""
    if team.kind != UnitKind.TEAM:
        return False
    if actor.role == Role.DISPATCHER:
        return actor.covers(team.area_code)
    return leads(actor, team)


def _require(actor: Actor, team: Unit) -> None:
    if not (actor.is_system or may_roster(actor, team)):
        raise NotAllowed(_("Only the desk of the area and the team's lead write its roster."))


def take_in(
    team: Unit,
    account: Account,
    *,
    home: Unit | None = None,
    leading: bool = False,
    skills: Sequence[Skill] = (),
    by: Actor,
) -> Member:
    """Takes somebody who holds a post in the team into its list, or changes what it says of them.

    Raises:
        NotAllowed: ``by`` does not write this team's roster.
        BadInput: the account holds no post in the team; that is granted elsewhere.
    """
    _require(by, team)
    if not Post.objects.filter(account=account, unit=team, role=Role.HANDLER).exists():
        raise BadInput(_("Whoever joins a team needs a post in it first."), field="account")
    with transaction.atomic():
        member, _made = Member.objects.update_or_create(
            team=team,
            account=account,
            defaults={"district_code": team.district_code, "home": home, "leads": leading},
        )
        member.skills.set(skills)
    return member


def add_shift(
    team: Unit, name: str, begins: time, ends: time, *, by: Actor, now: datetime
) -> Shift:
    """A shift of the team, or new hours for the one of this name.

    Turns that have not begun yet move with it; what was stays what it was.

    Raises:
        NotAllowed: ``by`` does not write this team's roster.
        Missing: it has no name.
    """
    _require(by, team)
    name = name.strip()[:20]
    if not name:
        raise Missing(_("Please give the shift a name."), field="name")
    with transaction.atomic():
        shift, made = Shift.objects.update_or_create(
            team=team,
            name=name,
            defaults={"district_code": team.district_code, "begins": begins, "ends": ends},
        )
        if not made:
            for turn in Turn.objects.filter(shift=shift, begins_at__gt=now):
                turn.begins_at, turn.ends_at = hours(turn.day, begins, ends)
                turn.save(update_fields=["begins_at", "ends_at"])
    return shift


def put_on(
    shift: Shift,
    members: Iterable[Member],
    days: Iterable[date],
    *,
    by: Actor,
    now: datetime,
) -> int:
    """Gives each member the shift on each day; how many turns are new.

    Raises:
        NotAllowed: ``by`` does not write this team's roster.
        BadInput: somebody of another team, or more days than anyone plans at once.
    """
    _require(by, shift.team)
    days, members = list(days), list(members)
    if len(days) > LONGEST_ROSTER.days:
        raise BadInput(_("At most three months are planned at once."), field="until")
    if any(member.team_id != shift.team_id for member in members):
        raise BadInput(_("Somebody is not of this team."), field="members")
    turns = []
    for day in days:
        begins_at, ends_at = hours(day, shift.begins, shift.ends)
        turns += [
            Turn(
                district_code=shift.district_code,
                team_id=shift.team_id,
                member=member,
                shift=shift,
                day=day,
                begins_at=begins_at,
                ends_at=ends_at,
                written_by_id=by.account_id,
                written_at=now,
            )
            for member in members
        ]
    before = Turn.objects.filter(shift=shift).count()
    Turn.objects.bulk_create(turns, ignore_conflicts=True)
    return Turn.objects.filter(shift=shift).count() - before


def take_off(turn: Turn, *, by: Actor, now: datetime) -> None:
    """Strikes a turn that has not ended and that nobody has begun.

    Raises:
        NotAllowed: ``by`` does not write this team's roster.
        WrongState: the turn is over, or its member has come.
    """
    _require(by, turn.team)
    if turn.came_at is not None or turn.ends_at <= now:
        raise WrongState(_("This turn has begun or is over; it stays in the roster."))
    turn.delete()


def set_leave(turn: Turn, on_leave: bool, *, by: Actor, now: datetime) -> None:
    """请假: the member does not take this turn, or does after all.

    Raises:
        NotAllowed: ``by`` does not write this team's roster.
        WrongState: the turn is over.
    """
    _require(by, turn.team)
    if turn.ends_at <= now:
        raise WrongState(_("This turn is over."))
    with transaction.atomic():
        turn = Turn.objects.select_for_update(of=("self",)).get(pk=turn.pk)
        turn.on_leave = on_leave
        _write(turn, by, now, "on_leave")
        if on_leave:
            LastPosition.objects.filter(turn=turn).delete()


def swap(turn: Turn, other: Member, *, by: Actor, now: datetime) -> None:
    """换班: another member of the team takes the turn.

    Raises:
        NotAllowed: ``by`` does not write this team's roster.
        BadInput: the other one is not of the team, or has this turn already.
        WrongState: the turn has begun for its member, or is over.
    """
    _require(by, turn.team)
    try:
        with transaction.atomic():
            turn = Turn.objects.select_for_update(of=("self",)).get(pk=turn.pk)
            if other.team_id != turn.team_id or other.pk == turn.member_id:
                raise BadInput(_("Please choose another member of the team."), field="member")
            if turn.came_at is not None or turn.ends_at <= now:
                raise WrongState(_("This turn has begun or is over; it stays in the roster."))
            turn.swapped_with_id, turn.member, turn.on_leave = turn.member_id, other, False
            _write(turn, by, now, "swapped_with", "member", "on_leave")
    except IntegrityError as error:
        raise BadInput(_("They have this turn already."), field="member") from error


def _write(turn: Turn, by: Actor, now: datetime, *fields: str) -> None:
    turn.written_by_id, turn.written_at = by.account_id, now
    turn.save(update_fields=[*fields, "written_by", "written_at"])


def _own(turn_id: UUID, by: Actor, now: datetime) -> Turn:
    """The turn, locked, if it is the actor's own and runs now."""
    turn = (
        Turn.objects.select_for_update(of=("self",))
        .select_related("member", "team")
        .filter(pk=turn_id, member__account=by.account_id)
        .first()
    )
    if turn is None:
        raise NotAllowed(_("Only whose turn it is may say that they come or go."))
    if standing_of(turn, now) not in ON_DUTY:
        raise WrongState(_("This turn does not run now, or you have left it."))
    return turn


@transaction.atomic
def come(turn_id: UUID, *, by: Actor, now: datetime) -> Turn:
    """签到: the member is on duty from now. Saying it again changes nothing.

    Raises:
        NotAllowed: it is somebody else's turn.
        WrongState: it does not run now.
    """
    turn = _own(turn_id, by, now)
    if turn.came_at is None:
        turn.came_at = now
        turn.save(update_fields=["came_at"])
    return turn


@transaction.atomic
def go(turn_id: UUID, *, by: Actor, now: datetime) -> Turn:
    """签退: the member leaves; where they were is forgotten at once.

    Raises:
        NotAllowed: it is somebody else's turn.
        WrongState: it does not run now, or they never came.
    """
    turn = _own(turn_id, by, now)
    if turn.came_at is None:
        raise WrongState(_("You have not come on duty yet."))
    turn.left_at = now
    turn.save(update_fields=["left_at"])
    LastPosition.objects.filter(turn=turn).delete()
    return turn


@transaction.atomic
def be_at(turn_id: UUID, lon: float, lat: float, *, by: Actor, now: datetime) -> LastPosition:
    """Where the member is, of which only the last is kept, and only until the turn ends.

    Raises:
        NotAllowed: it is somebody else's turn.
        WrongState: they are not on duty, or have not come yet.
        BadInput: this is no position on earth.
    """
    turn = _own(turn_id, by, now)
    if turn.came_at is None:
        raise WrongState(_("You have not come on duty yet."))
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadInput(_("This is no position."), field="lon")
    kept, _made = LastPosition.objects.update_or_create(
        turn=turn,
        defaults={
            "district_code": turn.district_code,
            "lon": lon,
            "lat": lat,
            "at": now,
            "until": turn.ends_at,
        },
    )
    return kept


def forget_positions(*, now: datetime) -> int:
    """Erases where people were whose turns have ended; how many."""
    gone, _rows = LastPosition.objects.filter(until__lte=now).delete()
    return gone
