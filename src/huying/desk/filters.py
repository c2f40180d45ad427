"""What of the queue is shown: read from the address, so that a view can be sent to a colleague."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from huying.cases import finding
from huying.cases.models import Channel
from huying.cases.reading import CaseQuerySet
from huying.cases.states import END_STATES, OPEN_STATES, State
from huying.errors import Words
from huying.people.acting import Actor
from huying.people.models import Role

TAB_WORDS: dict[str, Words] = {
    "mine": _("For me to do"),
    "held": _("Held by this desk"),
    "unit": _("My unit's"),
    "area": _("In my area"),
    "reported": _("Reported by me"),
}

_TABS: dict[Role, tuple[str, ...]] = {
    Role.DISPATCHER: ("mine", "held", "area"),
    Role.HANDLER: ("mine", "unit"),
    Role.CHECKER: ("mine", "area"),
    Role.GRID_WORKER: ("mine", "area", "reported"),
    Role.GRID_HEAD: ("mine", "area", "reported"),
}
_LEADERS_TABS = ("area",)

LIGHTS: dict[str, Words] = {
    "red": _("overdue"),
    "yellow": _("due soon"),
    "grey": _("clock paused"),
    "emergency": _("emergency"),
}


def tabs_of(actor: Actor) -> tuple[str, ...]:
    """The lists that a post has, the one to open first in front."""
    return _TABS.get(actor.role, _LEADERS_TABS) if actor.role else _LEADERS_TABS


PHONES = "desk.phones"
"""In the session: what was searched by phone, under keys that an address may hold."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A search by a reporter's phone.

    Attributes:
        key: what stands for it in the address.
        masked: the number as it may be shown; empty when the session knows the key no more.
        marks: what the number left in the contacts' rows.
    """

    key: str
    masked: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filters:
    """One view of the queue. Unknown values in an address are dropped, never an error."""

    tab: str
    words: str = ""
    state: str = ""
    item: str = ""
    channel: str = ""
    area: str = ""
    light: str = ""
    ended: bool = False
    phone: Phone | None = None

    @classmethod
    def read(cls, query: QueryDict, actor: Actor, session: Mapping[str, Any] | None = None) -> Self:
        tabs = tabs_of(actor)
        tab = query.get("tab", "")
        state = query.get("state", "")
        channel = query.get("channel", "")
        item = query.get("item", "")
        area = query.get("area", "")
        light = query.get("light", "")
        return cls(
            tab=tab if tab in tabs else tabs[0],
            words=_words(query.get("q", "")),
            state=state if state in State.values else "",
            item=item if item.isdecimal() and len(item) == 4 else "",
            channel=channel if channel in Channel.values else "",
            area=area if area.isdecimal() and len(area) in (9, 12, 15) else "",
            light=light if light in LIGHTS else "",
            ended=query.get("ended") == "1" or state in END_STATES,
            phone=_phone(query.get("phone", ""), session or {}),
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything but the tab is chosen."""
        return self != type(self)(tab=self.tab)

    def query(self, **changes: str) -> str:
        """The address's query of this view, with some of it changed."""
        pairs = {
            "tab": self.tab,
            "q": self.words,
            "state": self.state,
            "item": self.item,
            "channel": self.channel,
            "area": self.area,
            "light": self.light,
            "ended": "1" if self.ended else "",
            "phone": self.phone.key if self.phone else "",
        } | changes
        return urlencode([(name, value) for name, value in pairs.items() if value])

    @property
    def without_phone(self) -> str:
        return self.query(phone="")

    def on(self, tab: str) -> Self:
        return replace(self, tab=tab)

    def applied(self, cases: CaseQuerySet, now: datetime) -> CaseQuerySet:
        """The cases narrowed by everything but the tab."""
        return finding.find(self.narrowing(cases, now), self.words, now=now)

    def narrowing(self, cases: CaseQuerySet, now: datetime) -> CaseQuerySet:
        """The cases narrowed by everything but the tab and the words."""
        if self.state:
            cases = cases.filter(state=self.state)
        elif self.ended:
            cases = cases.filter(state__in=sorted(END_STATES))
        if not self.ended:
            # Said even when one open state is chosen: the queue's indexes hold open cases only.
            cases = cases.filter(state__in=sorted(OPEN_STATES))
        if self.item:
            cases = cases.filter(item_code=self.item)
        if self.channel:
            cases = cases.filter(channel=self.channel)
        if self.area:
            cases = cases.filter(area_code__startswith=self.area)
        match self.light:
            case "red":
                cases = cases.filter(due_at__lt=now)
            case "yellow":
                cases = cases.filter(yellow_at__lte=now, due_at__gte=now)
            case "grey":
                cases = cases.filter(suspended_until__isnull=False)
            case "emergency":
                cases = cases.filter(emergency=True)
        if self.phone is not None:
            cases = finding.reported_from(cases, self.phone.marks)
        return cases


def _phone(key: str, session: Mapping[str, Any]) -> Phone | None:
    if not key or len(key) > 20:
        return None
    kept = session.get(PHONES, {}).get(key)
    return Phone(key, kept["masked"], tuple(kept["marks"])) if kept else Phone(key)


def _words(typed: str) -> str:
    """What to look for; a number copied from a page loses the blanks that make it readable."""
    words = typed.replace("\0", "").strip()[:80]
    joined = "".join(words.split())
    return joined if joined.isdecimal() else words
