"""The pages beside the queue, in groups: what the command menu and the jump dialog both lead to.

A page that is not in `GROUPS` is in neither. Whether somebody may open it is said by the guard of
the page itself; here the same question decides whether it is offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.assessment.scores.subjects import may_look as scored
from huying.branches.models import Branch
from huying.branches.models.branches import grid_heads_lead
from huying.branches.sight import is_office
from huying.desk import care, requests
from huying.duties import sight as duties
from huying.errors import Words
from huying.intake import telephone
from huying.neighbours import sight as neighbours
from huying.people.acting import Actor
from huying.people.models import Role, UnitKind
from huying.registry import sight as registers
from huying.reports import sight as reports
from huying.surveys.models import LOOKING as SURVEYING

Ask = Callable[[HttpRequest, Actor], bool]


@cache
def address(name: str) -> str:
    """Where a page without arguments is: worked out once, for it is so while the process runs."""
    return reverse(name)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the menu.

    Attributes:
        name: of its address.
        offered: whether it is, to who asks on their present post.
        under: the beginnings of the paths that belong to it; its own where none is given.
    """

    name: str
    label: Words
    icon: str
    offered: Ask
    under: tuple[str, ...] = ()

    @property
    def href(self) -> str:
        return address(self.name)

    def reaches(self, path: str) -> int:
        """How much of a path is this page's own beginning, in characters; 0 if none of it is."""
        return max((len(at) for at in self.under or (self.href,) if path.startswith(at)), default=0)


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that is offered, and whether one is on it or below it."""

    page: Page
    here: bool


def _by(*roles: Role, leaders: bool = False) -> Ask:
    return lambda _request, actor: actor.role in roles or (leaders and actor.is_leader)


def _asks(may: Callable[[Actor], bool]) -> Ask:
    return lambda _request, actor: may(actor)


def _everybody(_request: HttpRequest, _actor: Actor) -> bool:
    return True


def leads_branch(request: HttpRequest, actor: Actor) -> bool:
    """Whether the present post is a party branch's, or leads the own grid's as its head."""
    if actor.role == Role.GRID_HEAD:
        return grid_heads_lead() and Branch.objects.visible_to(actor).living().exists()
    posts: list[Any] = getattr(request, "posts", [])
    return any(
        post.pk == actor.post_id and post.unit is not None and post.unit.kind == UnitKind.BRANCH
        for post in posts
    )


def _helps_at_desk(_request: HttpRequest, actor: Actor) -> bool:
    return neighbours.may_help(actor) and not neighbours.may_look(actor)


def _works(_request: HttpRequest, actor: Actor) -> bool:
    return actor.works_cases


_DESKS = _by(Role.DISPATCHER)
_OFFICES = _by(Role.DISPATCHER, leaders=True)
_HANDLING = _by(Role.DISPATCHER, Role.HANDLER, leaders=True)

GROUPS: Final[tuple[tuple[Words, tuple[Page, ...]], ...]] = (
    (
        pgettext_lazy("menu", "Dispatch"),
        (
            Page("new_call", _("Answer a call"), "phone", _asks(telephone.may_answer)),
            Page("callbacks", _("Call-backs"), "phone", _OFFICES),
            Page("device_alarms", _("Alarms of devices"), "camera", _OFFICES),
            Page("whistles", _("Whistles"), "speakerphone", _HANDLING),
            Page("supervision", _("Supervision"), "gavel", _HANDLING),
            Page("levels", _("Moves between the levels"), "stairs-up", _OFFICES),
            Page("topics", _("Topics"), "bell", _OFFICES),
            Page(
                "figures",
                _("Figures"),
                "chart-bar",
                _works,
                under=("/desk/figures/", "/desk/appeals/"),
            ),
            Page("teams", _("Teams"), "users", _HANDLING),
            Page("handover", _("Shift handover"), "switch-horizontal", _DESKS),
        ),
    ),
    (
        pgettext_lazy("menu", "Figures"),
        (
            Page("leading", _("Leader's page"), "eye", _OFFICES),
            Page("wall", _("The wall"), "device-desktop-analytics", _OFFICES),
            Page("process", _("How cases flow"), "chart-sankey", _OFFICES),
        ),
    ),
    (
        pgettext_lazy("menu", "On the grid"),
        (
            Page(
                "tasks",
                _("Tasks from above"),
                "clipboard-list",
                _by(Role.DISPATCHER, Role.CHECKER, leaders=True),
            ),
            Page("patrol", _("Patrol"), "walk", _OFFICES),
            Page(
                "surveys",
                _("Registers and surveys"),
                "list-check",
                lambda _request, actor: actor.role in SURVEYING,
            ),
            Page(
                "registers",
                _("Base registers"),
                "address-book",
                lambda _request, actor: actor.role in registers.LOOKING,
            ),
            Page("care", _("Care visits"), "heart-handshake", _asks(care.may_look)),
            Page("field", _("Huying in the field"), "device-mobile", _everybody),
        ),
    ),
    (
        pgettext_lazy("menu", "Community"),
        (
            Page(
                "branches",
                _("Branches on the grid"),
                "flag",
                lambda request, actor: is_office(actor) or leads_branch(request, actor),
                under=("/desk/branches/", "/desk/members/", "/desk/links/"),
            ),
            Page(
                "joint",
                _("Organisations together"),
                "building",
                lambda request, actor: is_office(actor) or leads_branch(request, actor),
            ),
            Page(
                "joint_resolutions",
                _("Resolutions"),
                "list-check",
                lambda request, actor: (
                    actor.role == Role.HANDLER and not leads_branch(request, actor)
                ),
            ),
            Page("neighbours", _("Neighbours"), "users", _asks(neighbours.may_look)),
            Page(
                "neighbours_suggestions",
                pgettext_lazy("neighbours", "Suggestions"),
                "message",
                _asks(neighbours.may_look),
            ),
            Page(
                "neighbours_mine",
                _("Neighbours who help"),
                "users",
                _helps_at_desk,
                under=("/desk/neighbours/",),
            ),
            Page(
                "platforms",
                _("Service platforms"),
                "building-store",
                _asks(neighbours.may_look),
                under=("/desk/platforms/",),
            ),
        ),
    ),
    (
        pgettext_lazy("menu", "Files and rules"),
        (
            Page(
                "reports",
                pgettext_lazy("report", "Reports"),
                "clipboard-list",
                _asks(reports.may_look),
            ),
            Page("scores", _("Scores"), "scale", _asks(scored), under=("/desk/scores/",)),
            Page("imports", _("Import a table"), "table-import", _DESKS),
            Page("exports", _("My files"), "download", _everybody),
            Page("views", _("Saved views"), "eye", _everybody),
            Page("person_requests", _("People's requests"), "id", _asks(requests.may_look)),
            Page("rules", _("Routing rules"), "route", _OFFICES),
            Page("duties", _("Responsibilities"), "list-check", _asks(duties.may_read)),
            Page(
                "admissions",
                _("Admission of items"),
                "clipboard-list",
                _asks(duties.sees_admissions),
            ),
            Page("measures", _("Measures"), "list-check", _asks(duties.may_read)),
            Page("evaluations", _("List of evaluations"), "list-check", _asks(duties.may_read)),
        ),
    ),
)


def offered(request: HttpRequest, actor: Actor) -> list[tuple[Words, list[Page]]]:
    """The groups with the pages that somebody is offered; groups without any are left out."""
    groups = [
        (title, [page for page in pages if page.offered(request, actor)]) for title, pages in GROUPS
    ]
    return [(title, pages) for title, pages in groups if pages]


def shown(request: HttpRequest, actor: Actor) -> list[tuple[Words, list[Entry]]]:
    """The menu as it stands on a page: of pages below one another the nearest is where one is."""
    groups = offered(request, actor)
    near = {page.name: page.reaches(request.path) for _title, pages in groups for page in pages}
    nearest = max(near.values(), default=0)
    return [
        (title, [Entry(page, 0 < near[page.name] == nearest) for page in pages])
        for title, pages in groups
    ]


def with_(entries: Iterable[tuple[str, bool]]) -> list[tuple[Words, list[Entry]]]:
    """The menu of the pages of these names, each with whether one is there."""
    here = dict(entries)
    groups = [
        (title, [Entry(page, here[page.name]) for page in pages if page.name in here])
        for title, pages in GROUPS
    ]
    return [(title, some) for title, some in groups if some]
