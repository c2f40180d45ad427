"""Whom a late step concerns: who owes it, the desk that holds it, the leader over it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from huying.cases.models import Case, CaseParty
from huying.cases.states import State
from huying.cases.words import item_name
from huying.notices.telling import Whom
from huying.people.acting import Actor, in_force
from huying.people.models import LEADERS, Post
from huying.places import naming
from huying.places.models import above


def owing(case: Case) -> Whom:
    """Who owes the present step: the unit in charge, who was asked to check, else the desk."""
    if case.state in (State.DISPATCHED, State.HANDLING):
        assert case.lead_unit_id is not None  # a constraint
        return Whom(units=(case.lead_unit_id,))
    if case.state == State.HANDLED and case.check_asked:
        asked = CaseParty.objects.filter(
            case=case, part=CaseParty.Part.CHECKER, account__isnull=False, until_seq=None
        )
        if accounts := tuple(asked.values_list("account", flat=True)):
            return Whom(accounts=accounts)
    return Whom(desks=(case.holder_code,))


def owing_name(case: Case) -> str:
    """Who owes the present step, by name of the unit or desk."""
    if case.state in (State.DISPATCHED, State.HANDLING):
        assert case.lead_unit is not None
        return case.lead_unit.name
    return desk_name(case)


def office_of(by: Actor) -> str:
    """Who acts, as a notice says it: the office and not the person, in one language."""
    held = Post.objects.filter(account=by.account_id, pk=by.post_id or 0)
    title = held.values_list("title", flat=True).first()
    place = naming.own_name(by.area_code)
    with override(settings.LANGUAGE_CODE):
        return f"{place}{title}" if title else _("leader of %(place)s") % {"place": place}


def desk_name(case: Case) -> str:
    """The desk that holds the case."""
    return naming.own_name(case.holder_code)


def leaders_over(case: Case, now: datetime) -> list[Post]:
    """The leaders of the level that holds the case; where it has none, of the next one above."""
    code: str | None = case.holder_code
    while code:
        posts = Post.objects.filter(
            in_force(timezone.localdate(now)),
            role__in=[str(role) for role in LEADERS],
            area_code=code,
            account__is_active=True,
        )
        if found := list(posts.select_related("account").order_by("duty", "id")):
            return found
        code = above(code)
    return []


def leaders_area(case: Case, now: datetime) -> tuple[str, ...]:
    """The area whose leaders are told."""
    return tuple(dict.fromkeys(post.area_code for post in leaders_over(case, now)))


def matter(case: Case) -> dict[str, Any]:
    """What every notice of a late step says: what it is, and with whom."""
    return {"item": item_name(case), "whose": owing_name(case)}


def said(moment: datetime | None) -> str:
    """A moment as a notice says it."""
    return "" if moment is None else f"{timezone.localtime(moment):%m-%d %H:%M}"
