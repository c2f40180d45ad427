"""A volunteer's post in their team, with which a whistle calls them and they check in.

Nobody of a team gives posts: that is the security administrator's, who finds on the first page of
administration who was accepted and waits for one. Whoever leaves a team loses theirs by themselves.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from huying.errors import NotFound
from huying.neighbours.models import Circle, Joining
from huying.neighbours.models.circles import JoiningState
from huying.neighbours.noting import note
from huying.neighbours.telling import tell_called
from huying.people import granting
from huying.people.acting import SYSTEM, Actor
from huying.people.finding import held
from huying.people.models import Post, Role
from huying.people.powers import Power, Subject, require


def posts_in(circle: Circle, now: datetime) -> QuerySet[Post]:
    """The members' posts in a team's unit that hold now."""
    return held([Role.MEMBER], timezone.localdate(now)).filter(unit=circle.unit_id or 0)


def wanting(now: datetime) -> QuerySet[Joining]:
    """Those who belong to a team and whom no whistle reaches there, the longest waiting first."""
    posts = held([Role.MEMBER], timezone.localdate(now)).filter(
        account=OuterRef("account"), unit=OuterRef("circle__unit")
    )
    rows = Joining.objects.filter(
        ~Exists(posts),
        state=JoiningState.IN,
        circle__ended_at=None,
        circle__unit__active=True,
        account__is_active=True,
    )
    return rows.select_related("account", "circle__unit").order_by("decided_at", "id")


@transaction.atomic
def give(joining: uuid.UUID, *, by: Actor, now: datetime) -> Post:
    """A post in the team's unit from today on, and the volunteer is told.

    Raises:
        NotFound: nobody who waits for one.
        NotAllowed, BadInput: as `granting.grant_post`.
    """
    require(by, Power.CHANGE, Subject.POSTS)
    rows = wanting(now).filter(district_code=by.area_code[:6]).select_for_update(of=("self",))
    found = rows.filter(pk=joining).first()
    if found is None:
        raise NotFound
    post = granting.grant_post(
        found.account,
        Role.MEMBER,
        unit=found.circle.unit,
        starts_on=timezone.localdate(now),
        by=by,
        now=now,
    )
    note(found, "post", by=by, now=now)
    tell_called(found, now)
    return post


def take_back(circle: Circle, now: datetime, account: int | None = None) -> int:
    """Ends the posts in a team's unit at once, or one member's; how many. In the verb that says
    so: who left a team is not called with it."""
    posts = posts_in(circle, now)
    if account is not None:
        posts = posts.filter(account=account)
    rows = list(posts)
    for post in rows:
        granting.end_at_once(post, by=SYSTEM, now=now, today=timezone.localdate(now))
    return len(rows)
