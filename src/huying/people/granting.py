"""Posts are granted and ended here, and nowhere else; each change leaves a record."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.audit import access
from huying.errors import BadInput, NotAllowed, Words
from huying.people.acting import Actor
from huying.people.finding import desk_of
from huying.people.models import GUARDIANS, Account, Post, Role, TeamSort, Unit, UnitKind
from huying.people.powers import Power, Subject, require
from huying.places.models import CODE_LENGTH, Division, Grid, Level

LEVELS: dict[Role, frozenset[Level]] = {
    Role.GRID_WORKER: frozenset({Level.GRID}),
    Role.GRID_HEAD: frozenset({Level.GRID}),
    Role.DISPATCHER: frozenset({Level.COMMUNITY, Level.TOWN, Level.DISTRICT}),
    Role.CHECKER: frozenset({Level.COMMUNITY, Level.TOWN, Level.DISTRICT}),
    Role.COMMUNITY_LEADER: frozenset({Level.COMMUNITY}),
    Role.TOWN_LEADER: frozenset({Level.TOWN}),
    Role.DISTRICT_LEADER: frozenset({Level.DISTRICT}),
    Role.ADMINISTRATOR: frozenset({Level.DISTRICT}),
    Role.SECURITY_ADMINISTRATOR: frozenset({Level.DISTRICT}),
    Role.AUDITOR: frozenset({Level.DISTRICT}),
}
"""At which levels a role can be held. A handler's and a member's area is the unit's."""

HELPING = frozenset({TeamSort.COMMANDO, TeamSort.VOLUNTEER})
"""Teams of neighbours: who is in one is a member, not a handler, unless they also handle cases."""

REFUSED: dict[str, Words] = {
    "post_guardians_exclude_each_other": _(
        "Administrator, security administrator and auditor exclude each other: "
        "one account can hold only one of the three at a time."
    ),
    "post_one_lead_a_grid": _("This grid already has a lead grid worker in that time."),
    "post_ends_after_start": _("The last day lies before the first."),
    "post_handler_has_unit": _("A handler's post needs a unit."),
    "post_member_has_unit": _("A member's post needs a party branch or a volunteer team."),
}
"""What the database's constraints say, in words."""

NOT_LONGER: Words = _("A post is not made longer. Please grant a new one for the time after it.")


def grant_post(
    account: Account,
    role: Role,
    *,
    area_code: str = "",
    unit: Unit | None = None,
    starts_on: date,
    ends_on: date | None = None,
    duty: Post.Duty = Post.Duty.LEAD,
    title: str = "",
    by: Actor,
    now: datetime,
) -> Post:
    """Give an account a role in an area, or in a unit.

    A handler takes the unit's area, a dispatcher the unit that is the area's desk. ``duty`` tells
    a grid's lead worker from its second and relief workers; ``ends_on`` is the last day.

    Raises:
        NotAllowed: ``by`` is no security administrator, or grants a post to themselves.
        BadInput: the role cannot be held there, or the database's constraints refuse it.
    """
    require(by, Power.CHANGE, Subject.POSTS)
    _not_to_oneself(account, by)
    role = Role(role)
    area_code, unit = _place(role, area_code, unit)
    if ends_on is not None and ends_on < starts_on:
        raise BadInput(REFUSED["post_ends_after_start"], field="ends_on")
    post = Post(
        account=account,
        role=role,
        area_code=area_code,
        district_code=area_code[:6],
        unit=unit,
        duty=duty,
        title=title.strip(),
        starts_on=starts_on,
        ends_on=ends_on,
    )
    with transaction.atomic():
        _save(post)
        _record("grant_post", post, by, now)
    return post


def end_post(post: Post, *, on: date, by: Actor, now: datetime) -> Post | None:
    """Make ``on`` the post's last day; the day before today ends it at once.

    A post that would then never have been held is taken back altogether, and None is returned;
    the record of granting and ending it stays. No post is made longer here, nor one that has ended
    alive again: more time is a new grant, with all that a grant asks.

    Raises:
        NotAllowed: ``by`` is no security administrator.
        BadInput: the post would hold longer than it does.
    """
    require(by, Power.CHANGE, Subject.POSTS)
    with transaction.atomic():
        post = Post.objects.select_for_update().get(pk=post.pk)
        if post.ends_on is not None and on > post.ends_on:
            raise BadInput(NOT_LONGER, field="ends_on")
        _record("end_post", post, by, now)
        if on < post.starts_on:
            post.delete()
            return None
        post.ends_on = on
        _save(post)
    return post


def end_at_once(post: Post, *, by: Actor, now: datetime, today: date) -> Post | None:
    """End a post with immediate effect."""
    return end_post(post, on=today - timedelta(days=1), by=by, now=now)


def _place(role: Role, area_code: str, unit: Unit | None) -> tuple[str, Unit | None]:
    """The area and unit that a post of this role has, from what was given."""
    if role == Role.HANDLER:
        if unit is None:
            raise BadInput(REFUSED["post_handler_has_unit"], field="unit")
        if not unit.active:
            raise BadInput(_("This unit is not active."), field="unit")
        if area_code and area_code != unit.area_code:
            raise BadInput(_("A handler's area is the area of the unit."), field="area_code")
        return unit.area_code, unit
    if role == Role.MEMBER:
        if unit is None or not (unit.kind == UnitKind.BRANCH or unit.sort in HELPING):
            raise BadInput(REFUSED["post_member_has_unit"], field="unit")
        if not unit.active:
            raise BadInput(_("This unit is not active."), field="unit")
        return unit.area_code, unit
    levels = {CODE_LENGTH[level] for level in LEVELS[role]}
    if len(area_code) not in levels:
        raise BadInput(_("This role is not held at this level."), field="area_code")
    if not _exists(area_code):
        raise BadInput(
            _("There is no division or grid in force with this code."), field="area_code"
        )
    if role == Role.DISPATCHER:
        desk = desk_of(area_code)
        if desk is None:
            raise BadInput(_("This area has no command centre."), field="area_code")
        if unit is not None and unit != desk:
            raise BadInput(_("A dispatcher works at the area's command centre."), field="unit")
        return area_code, desk
    if unit is not None and not unit.area_code.startswith(area_code):
        raise BadInput(_("The unit lies outside the area."), field="unit")
    return area_code, unit


def _exists(area_code: str) -> bool:
    if len(area_code) == CODE_LENGTH[Level.GRID]:
        return Grid.objects.filter(code=area_code, voided_at__isnull=True).exists()
    return Division.objects.filter(code=area_code).exists()


def _not_to_oneself(account: Account, by: Actor) -> None:
    if by.account_id is not None and by.account_id == account.pk:
        raise NotAllowed(_("Nobody grants a post to themselves."))


def _save(post: Post) -> None:
    """Save, and say in words what the database's constraints refuse."""
    try:
        with transaction.atomic():
            post.save()
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if name not in REFUSED:
            raise
        field = "role" if post.role in GUARDIANS else "area_code"
        raise BadInput(REFUSED[name], field=field, constraint=name) from error


def _record(action: str, post: Post, by: Actor, now: datetime) -> None:
    access.record(
        action=action,
        subject_type="post",
        subject_id=post.pk,
        now=now,
        by=by,
        purpose=f"{post.role}@{post.unit.code if post.unit else post.area_code}",
        fields=["account", "role", "area", "unit", "starts_on", "ends_on"],
    )
