"""Who acts, on which post. Every verb is told, nothing looks it up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.errors import NotAllowed
from huying.people.models import CASELESS, GUARDIANS, LEADERS, Account, Post, Role, Unit
from huying.postgres.objects import made_of
from huying.postgres.prepared import rows_of


class ActorKind(StrEnum):
    ACCOUNT = "account"
    INTEGRATION = "integration"
    RESIDENT = "resident"
    OUTSIDE = "outside"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """An account on one of its posts, an integration, a resident, an outside party, or the system.

    Attributes:
        area_code: what the post covers, as a code prefix (6, 9, 12 or 15 digits).
        unit_id: the unit whose work the post does, for handlers and team members.
        units: every unit in which the account holds a post now, whichever post it acts on; keeps
            a person from checking the work of their own unit on another post.
        name: shown in refusals and on the timeline; never written into events.
    """

    kind: ActorKind
    account_id: int | None = None
    post_id: int | None = None
    role: Role | None = None
    area_code: str = ""
    unit_id: int | None = None
    name: str = ""
    units: frozenset[int] = frozenset()
    integration_id: int | None = None
    scopes: frozenset[str] = frozenset()

    def covers(self, code: str) -> bool:
        """Whether a place with this code lies in the actor's area."""
        return bool(self.area_code) and code.startswith(self.area_code)

    def keeps(self, code: str) -> bool:
        """Whether a place's matters are for this desk to keep: its own area's, or below it."""
        return self.is_system or (self.role == Role.DISPATCHER and self.covers(code))

    @property
    def actor_id(self) -> int | None:
        """The number of who acts, among those of its kind; as events and photos keep it."""
        return self.integration_id if self.integration_id is not None else self.account_id

    @property
    def is_system(self) -> bool:
        return self.kind is ActorKind.SYSTEM

    @property
    def is_leader(self) -> bool:
        return self.role in LEADERS

    @property
    def is_guardian(self) -> bool:
        return self.role in GUARDIANS

    @property
    def works_cases(self) -> bool:
        """Whether the post has to do with cases at all."""
        return self.role is not None and self.role not in CASELESS


SYSTEM = Actor(kind=ActorKind.SYSTEM, name="system")
RESIDENT = Actor(kind=ActorKind.RESIDENT, name="resident")
OUTSIDE = Actor(kind=ActorKind.OUTSIDE, name="outside")


def in_force(today: date) -> Q:
    """Posts that hold on this day; ``ends_on`` is their last day."""
    return Q(starts_on__lte=today) & (Q(ends_on__isnull=True) | Q(ends_on__gte=today))


def is_in_force(post: Post, today: date) -> bool:
    """Whether the post holds on this day."""
    return post.starts_on <= today and (post.ends_on is None or post.ends_on >= today)


def posts_of(account: Account, today: date) -> list[Post]:
    """The posts that the account holds on this day, the oldest first; none if it is blocked."""
    if not account.is_active:
        return []
    return posts_from(rows_of(_statement(), {"account": account.pk, "today": today}), account)


_POST: Final = tuple(field.attname for field in Post._meta.concrete_fields)
_UNIT: Final = tuple(field.attname for field in Unit._meta.concrete_fields)
HOLDING: Final = (
    "post.starts_on <= %(today)s AND (post.ends_on IS NULL OR post.ends_on >= %(today)s)"
)
"""`in_force`, for a statement that has the posts as ``post``."""


@cache
def post_columns() -> str:
    """What `posts_from` wants of ``post`` and of its ``unit``."""
    return ", ".join(
        [
            *(f"post.{field.column}" for field in Post._meta.concrete_fields),
            *(f"unit.{field.column}" for field in Unit._meta.concrete_fields),
        ]
    )


def posts_from(rows: Iterable[Sequence[Any]], account: Account) -> list[Post]:
    """The account's posts with their units, of rows of `post_columns`."""
    make_post, make_unit = made_of(Post, _POST), made_of(Unit, _UNIT)
    posts = []
    for row in rows:
        post = make_post(row[: len(_POST)])
        post.account = account
        post.unit = None if post.unit_id is None else make_unit(row[len(_POST) :])
        posts.append(post)
    return posts


@cache
def _statement() -> str:
    """Posts in force with their units, the oldest first.

    Putting it together anew took a fifth of the time of the request that phones send most; so it is
    done once.
    """
    return (
        f"SELECT {post_columns()} FROM {Post._meta.db_table} post"  # noqa: S608 - names of ours
        f" LEFT JOIN {Unit._meta.db_table} unit ON unit.id = post.unit_id"
        f" WHERE post.account_id = %(account)s AND {HOLDING} ORDER BY post.id"
    )


def actor_on(post: Post, posts: Iterable[Post]) -> Actor:
    """The holder of ``post`` acting on it; ``posts`` are all that the account holds now."""
    return Actor(
        kind=ActorKind.ACCOUNT,
        account_id=post.account_id,
        post_id=post.pk,
        role=Role(post.role),
        area_code=post.area_code,
        unit_id=post.unit_id,
        units=frozenset(each.unit_id for each in posts if each.unit_id is not None),
        name=post.account.name,
    )


def actor_for(post: Post, today: date) -> Actor:
    """The holder of a post, acting on it on this day.

    Raises:
        NotAllowed: the post does not hold on this day, or the account is blocked.
    """
    posts = posts_of(post.account, today)
    if post not in posts:
        raise NotAllowed(_("This post has ended, or has not begun."))
    return actor_on(post, posts)


def acting_as(request: Any) -> Actor:
    """Who acts on their own account: on the present post, or on none."""
    return request.actor or Actor(ActorKind.ACCOUNT, account_id=request.user.pk)
