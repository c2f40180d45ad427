"""Who acts, on which post. Every verb is told, nothing looks it up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import QuerySet

from huying.people.models import GUARDIANS, LEADERS, Account, Post, Role


class ActorKind(StrEnum):
    ACCOUNT = "account"
    INTEGRATION = "integration"
    RESIDENT = "resident"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """An account on one of its posts, an integration, a resident, or the system itself.

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

    @property
    def is_system(self) -> bool:
        return self.kind is ActorKind.SYSTEM

    @property
    def is_leader(self) -> bool:
        return self.role in LEADERS

    @property
    def is_guardian(self) -> bool:
        return self.role in GUARDIANS


SYSTEM = Actor(kind=ActorKind.SYSTEM, name="system")
RESIDENT = Actor(kind=ActorKind.RESIDENT, name="resident")


def in_force(posts: QuerySet[Post], day: date) -> QuerySet[Post]:
    """The posts that are held on a day; the last day counts."""
    return posts.filter(starts_on__lte=day).exclude(ends_on__lt=day)


def posts_of(account: Account, day: date) -> list[Post]:
    """The posts that an account holds on a day, the oldest first."""
    return list(in_force(account.posts.select_related("unit"), day).order_by("id"))


def actor_for(post: Post, day: date) -> Actor:
    """The account of a post, acting on it."""
    units = in_force(Post.objects.filter(account_id=post.account_id, unit__isnull=False), day)
    return Actor(
        kind=ActorKind.ACCOUNT,
        account_id=post.account_id,
        post_id=post.pk,
        role=Role(post.role),
        area_code=post.area_code,
        unit_id=post.unit_id,
        name=post.account.name,
        units=frozenset(units.values_list("unit_id", flat=True)),
    )
