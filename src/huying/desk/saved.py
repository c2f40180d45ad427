"""Views of the queue that a person keeps under a name, with the number of cases in each.

A view is kept as the query of its address and read anew each time: what it shows is what the post
may see now, and a filter that there is no more is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from huying.cases import finding
from huying.cases.models import Channel
from huying.cases.states import State
from huying.catalogue.versions import snapshot
from huying.desk import queue
from huying.desk.filters import LIGHTS, TAB_WORDS, Filters
from huying.desk.models import SavedView
from huying.errors import BadInput, NotFound
from huying.people.acting import Actor
from huying.people.models import Account
from huying.places import naming
from huying.postgres.frozen import frozen

MOST = 12
LONGEST = 20
COUNTING_S = 0.6
"""So long all the counts of a look may take; what would come later goes without."""

_MAYBE_A_PHONE = re.compile(r"\d{7}")


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved view as its post sees it now."""

    view: SavedView
    filters: Filters

    @property
    def query(self) -> str:
        return self.filters.query()

    @property
    def counted(self) -> bool:
        """Whether a number belongs to it: what there is to do, and that soon enough."""
        return not self.filters.ended


def saved(actor: Actor) -> list[Kept]:
    """The views of the actor's post, in their order."""
    found = _kept(account=actor.account_id, role=str(actor.role), area=actor.area_code)
    return [Kept(view, _read(view.query, actor)) for view in found]


def _of(account: Any, role: Any, area: Any) -> QuerySet[SavedView]:
    mine = SavedView.objects.filter(account=account, role=role, area_code=area)
    return mine.order_by("position", "id")


_kept = frozen(_of)


def _read(query: str, actor: Actor) -> Filters:
    return Filters.read(QueryDict(query), actor)


def why_no_view(filters: Filters, mine: Iterable[Kept]) -> str:
    """Why it is no view of its own beside those of the post; "" when it is one."""
    if filters.phone is not None or holds_phone(filters.words):
        return _("A search by a phone number is not kept.")
    if not filters.narrowed:
        return _("Choose a filter or search for something first; then it can be kept.")
    for each in mine:
        if each.filters == filters:
            return _("This view is kept already, as “%(name)s”.") % {"name": each.view.name}
    return ""


def why_not_kept(filters: Filters, mine: Sequence[Kept]) -> str:
    """The same, or that the post has as many views as there may be."""
    if why := why_no_view(filters, mine):
        return why
    if len(mine) >= MOST:
        return _("%(n)s views are kept already; please remove one of them first.") % {"n": MOST}
    return ""


def holds_phone(words: str) -> bool:
    """Whether a phone number may stand in these words, however it is spaced."""
    return bool(_MAYBE_A_PHONE.search(re.sub(r"[\s\-()（）—·.]", "", words)))


def keep(actor: Actor, query: str, name: str, now: datetime) -> SavedView:
    """Keeps a view of the queue under a name, behind the others.

    Raises:
        BadInput: the name will not do, there is nothing to keep or it is kept already, or there
            are as many as there may be.
    """
    filters = _read(query, actor)
    with transaction.atomic():
        mine = _locked(actor)
        if why := why_not_kept(filters, [Kept(each, _read(each.query, actor)) for each in mine]):
            raise BadInput(why)
        if trouble := bad_name(name, (view.name for view in mine)):
            raise BadInput(trouble, field="name")
        assert actor.account_id is not None
        return SavedView.objects.create(
            account_id=actor.account_id,
            role=str(actor.role),
            area_code=actor.area_code,
            name=tidy(name),
            query=filters.query(),
            position=1 + max((view.position for view in mine), default=0),
            created_at=now,
        )


def tidy(name: str) -> str:
    """A name without what cannot be seen."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())


def bad_name(name: str, taken: Iterable[str]) -> str:
    """What is wrong with a name; "" when nothing is."""
    name = tidy(name)
    if not name:
        return _("Please give it a name.")
    if len(name) > LONGEST:
        return _("A name has at most %(n)s characters.") % {"n": LONGEST}
    if holds_phone(name):
        return _("A name takes no number that could be a phone's.")
    if name in taken:
        return _("Another view has this name.")
    return ""


def arrange(actor: Actor, names: Mapping[UUID, str], removed: Iterable[UUID]) -> dict[UUID, str]:
    """Gives the post's views these names in this order, without those removed.

    Views that are not spoken of stay as they are, behind the others.

    Returns:
        What is wrong with names, by view; nothing is changed then.

    Raises:
        NotFound: one of them is not a view of this post.
    """
    gone = set(removed)
    with transaction.atomic():
        views = {view.pk: view for view in _locked(actor)}
        if not views.keys() >= names.keys() | gone:
            raise NotFound
        others = [pk for pk in views if pk not in names and pk not in gone]
        taken = [views[pk].name for pk in others]
        troubles: dict[UUID, str] = {}
        order = [pk for pk in names if pk not in gone]
        for pk in order:
            if trouble := bad_name(names[pk], taken):
                troubles[pk] = trouble
            taken.append(tidy(names[pk]))
        if troubles:
            return troubles
        SavedView.objects.filter(pk__in=gone).delete()
        for position, pk in enumerate(order + others, 1):
            view = views[pk]
            view.name, view.position = tidy(names.get(pk, view.name)), position
        SavedView.objects.bulk_update([views[pk] for pk in order + others], ["name", "position"])
        return {}


def _locked(actor: Actor) -> list[SavedView]:
    """The post's views, nobody else changing them: two windows keep no thirteenth."""
    assert actor.account_id is not None
    Account.objects.select_for_update().get(pk=actor.account_id)
    return list(_of(actor.account_id, actor.role, actor.area_code))


def counts(kept: Sequence[Kept], actor: Actor, now: datetime) -> dict[UUID, int]:
    """How many cases stand in each view, as far as that is told soon.

    A view that looks for words which thousands of cases have goes without a number, since each
    case would have to be asked; so do those that come when the time is over.
    """
    found: dict[UUID, int] = {}
    until = monotonic() + COUNTING_S
    for each in sorted(kept, key=lambda each: bool(each.filters.words)):
        if not each.counted or monotonic() > until:
            continue
        terms = finding.looking(each.filters.words, now)
        if any(term.known is None for term in terms):
            continue
        cases = each.filters.narrowing(queue.of_tab(each.filters.tab, actor), now)
        for term in terms:
            cases = cases.filter(term.condition())
        found[each.view.pk] = queue.counted(cases)
    return found


def chosen_words(filters: Filters, now: datetime) -> list[str]:
    """What was chosen beside the list, in words."""
    item = snapshot(now).get(filters.item) if filters.item else None
    words = [
        naming.own_name(filters.area) if filters.area else "",
        str(LIGHTS[filters.light]) if filters.light else "",
        str(State(filters.state).label) if filters.state else "",
        item.name if item else filters.item,
        str(Channel(filters.channel).label) if filters.channel else "",
        filters.words,
        _("Ended cases") if filters.ended and not filters.state else "",
    ]
    return [each for each in words if each]


def said(filters: Filters, now: datetime) -> str:
    """A whole view in words: its list and what was chosen in it."""
    return " · ".join([str(TAB_WORDS[filters.tab]), *chosen_words(filters, now)])


def proposed_name(filters: Filters, mine: Sequence[Kept], now: datetime) -> str:
    """A name that says what was chosen, and that no other view has."""
    taken = {each.view.name for each in mine}
    for sort in ["", *(f" {n}" for n in range(2, MOST + 2))]:
        name = "·".join(chosen_words(filters, now))[: LONGEST - len(sort)].strip(" ·") + sort
        if name not in taken:
            return name
    return ""
