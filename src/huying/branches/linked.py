"""Households and members: proposed by the rule, applied, agreed to, handed over, ended."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from huying.audit import revealing
from huying.audit.revealing import Purpose, Subject
from huying.branches.founding import keeping, may_keep, note
from huying.branches.linking import DOORS, NEAREST, Helper, Home, metres, share
from huying.branches.models import (
    Branch,
    BranchChange,
    BranchPlace,
    Consent,
    HouseholdLink,
    Kind,
    PartyMember,
)
from huying.errors import BadInput, Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.people.acting import Actor
from huying.people.models import Role
from huying.registry import sealing
from huying.registry.models import Household, Person

Done = BranchChange.Done
Ended = HouseholdLink.Ended
BATCH: Final = 2000
MOST_EACH: Final = 200

OF_HOUSEHOLDS: Final = (Purpose.VISIT, Purpose.OWN_REQUEST, Purpose.OTHER)
"""What the head of a linked household is looked up for."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What the secretary sets.

    Attributes:
        way: the nearest first, or door by door.
        most: no member gets more in all; None: no limit.
        anew: also households that are linked already are dealt out again.
        members: who takes part; empty: all of the branch.
    """

    way: str = NEAREST
    most: int | None = None
    anew: bool = False
    members: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the rule says now.

    Attributes:
        pairs: household, member, metres; only links that would be new.
        left: households that stay without a member.
        seal: what was looked at, in short: what is applied must be the same.
    """

    branch: Branch
    pairs: Sequence[tuple[UUID, UUID, int | None]]
    loads: dict[UUID, int]
    left: int
    ends: Sequence[UUID] = field(default=())

    @property
    def seal(self) -> str:
        told = hashlib.sha256()
        for home, member, _away in sorted(self.pairs, key=str):
            told.update(home.bytes + member.bytes)
        for pk in sorted(self.ends, key=str):
            told.update(pk.bytes)
        return told.hexdigest()[:32]

    @property
    def new(self) -> Counter[UUID]:
        """How many each member would get."""
        return Counter(member for _home, member, _away in self.pairs)

    @property
    def farthest(self) -> dict[UUID, int]:
        """The longest way of each member to one of the new households."""
        found: dict[UUID, int] = {}
        for _home, member, away in self.pairs:
            if away is not None:
                found[member] = max(away, found.get(member, 0))
        return found


def households_of(branch: Branch) -> QuerySet[Household]:
    """The living households that are a branch's to look after.

    Those of its buildings and grids; of a grid none that lives in another branch's building. A
    general branch, or one without a place, has those of the community that are in nobody's.
    """
    rows: QuerySet[Household] = Household.objects.living()
    rows = rows.filter(area_code__startswith=branch.area_code)
    here = list(branch.places.living())
    houses = [place.building_id for place in here if place.building_id]
    grids = [place.grid_id for place in here if place.grid_id]
    others = BranchPlace.objects.living().exclude(branch=branch)
    taken = Q(dwelling__address__building__in=others.exclude(building=None).values("building"))
    if houses or grids:
        return rows.filter(
            Q(dwelling__address__building__in=houses) | (Q(area_code__in=grids) & ~taken)
        )
    if branch.kind in (Kind.GRID, Kind.BUILDING):
        return rows.none()
    return rows.exclude(taken).exclude(area_code__in=others.exclude(grid=None).values("grid"))


def living(branch: Branch) -> int:
    """How many households are linked to its members."""
    return HouseholdLink.objects.living().filter(member__branch=branch).count()


def propose(branch: Branch, rule: Rule) -> Proposal:
    """What the rule says; nothing is written.

    Raises:
        BadInput: the rule is none.
        Missing: nobody takes part.
    """
    if rule.way not in (NEAREST, DOORS):
        raise BadInput(_("Please choose one."), field="way")
    if rule.most is not None and not 1 <= rule.most <= MOST_EACH:
        raise BadInput(_("Between 1 and 200."), field="most")
    members = branch.members.living()
    if rule.members:
        members = members.filter(pk__in=rule.members)
    helpers = _helpers(members, counted=not rule.anew)
    if not helpers:
        raise Missing(_("Nobody of the branch takes part."), field="members")
    homes, own = _homes(branch, anew=rule.anew)
    dealt: Any = share(homes, helpers, way=rule.way, most=rule.most)
    at, who = {each.id: each for each in homes}, {each.id: each for each in helpers}
    pairs = [
        (home, member, metres(at[home], who[member]))
        for home, member in dealt.items()
        if own.get(home, (None, None))[0] != member
    ]
    ends = [
        link
        for home, (member, link) in own.items()
        if home in dealt and dealt[home] != member and link is not None
    ]
    loads: dict[Any, int] = {each.id: each.load for each in helpers}
    return Proposal(branch, pairs, loads, len(homes) - len(dealt), ends)


def _helpers(members: QuerySet[PartyMember], *, counted: bool) -> list[Helper]:
    living = Count("links", filter=Q(links__ended_at=None))
    rows = members.annotate(n=living).order_by("since", "id").values_list(
        "pk", "dwelling__address__building__lon", "dwelling__address__building__lat", "n"
    )  # fmt: skip
    return [Helper(pk, lon, lat, n if counted else 0) for pk, lon, lat, n in rows]


def _homes(
    branch: Branch, *, anew: bool
) -> tuple[list[Home], dict[UUID, tuple[UUID | None, UUID | None]]]:
    """The households to deal out, in the order of their doors, and whose they are now.

    A household that refused is not asked again, and one that another branch's member looks after
    stays there.
    """
    links = HouseholdLink.objects.filter(household=OuterRef("pk"))
    mine = HouseholdLink.objects.living().filter(member__branch=branch)
    own: dict[UUID, tuple[UUID | None, UUID | None]] = {
        home: (member, link) for home, member, link in mine.values_list("household", "member", "pk")
    }
    rows = households_of(branch).exclude(Exists(links.filter(why_ended=Ended.REFUSED)))
    living = links.filter(ended_at=None)
    rows = rows.exclude(Exists(living.exclude(member__branch=branch) if anew else living))
    told = rows.order_by("dwelling__address__full_name", "number", "id").values_list(
        "pk", "dwelling__address__building__lon", "dwelling__address__building__lat"
    )
    return [Home(*each) for each in told], own if anew else {}


def apply(branch: UUID, rule: Rule, seal: str, *, by: Actor, now: datetime) -> int:
    """Links what was proposed; how many households.

    Raises:
        NotFound, NotAllowed: the branch is not the actor's to keep.
        StalePage: the rule says something else now than it did when it was looked at.
        Missing, BadInput: as `propose`.
    """
    with transaction.atomic():
        held = keeping(branch, by=by)
        found = propose(held, rule)
        if found.seal != seal:
            raise StalePage(_("Members or households have changed; please look again."))
        before = {
            link.household_id: link
            for link in HouseholdLink.objects.living().select_for_update().filter(pk__in=found.ends)
        }
        _end(before.values(), Ended.HANDED, by=by, now=now)
        made = [
            _link(held, home, member, away, before.get(home), by=by, now=now)
            for home, member, away in found.pairs
        ]
        _create(made)
        if made:
            note(held, Done.LINKED, by=by, now=now, many=len(made))
        return len(made)


def _create(made: list[HouseholdLink]) -> None:
    try:
        with transaction.atomic():
            HouseholdLink.objects.bulk_create(made, batch_size=BATCH)
    except IntegrityError:
        raise StalePage(_("Members or households have changed; please look again.")) from None


def _link(
    branch: Branch,
    home: UUID,
    member: UUID,
    away: int | None,
    before: HouseholdLink | None,
    *,
    by: Actor,
    now: datetime,
) -> HouseholdLink:
    """A link; what the household agreed to with the member before goes on."""
    return HouseholdLink(
        district_code=branch.district_code,
        household_id=home,
        member_id=member,
        metres=away,
        linked_at=now,
        linked_by=by.account_id,
        consent_at=before.consent_at if before else None,
        consent_by=before.consent_by if before else None,
        consent_how=before.consent_how if before else "",
        before=before,
    )


def _end(links: Iterable[HouseholdLink], why: Ended, *, by: Actor, now: datetime) -> None:
    rows = list(links)
    for link in rows:
        link.ended_at, link.ended_by, link.why_ended = now, by.account_id, why
    HouseholdLink.objects.bulk_update(rows, ["ended_at", "ended_by", "why_ended"], batch_size=BATCH)


def held_link(pk: UUID, *, by: Actor) -> HouseholdLink:
    """A living link that the actor may see, locked. Raises NotFound."""
    rows = HouseholdLink.objects.visible_to(by).living().select_for_update(of=("self",))
    link = rows.select_related("member__branch__unit", "household").filter(pk=pk).first()
    if link is None:
        raise NotFound
    return link


def agree(pk: UUID, how: str, *, by: Actor, now: datetime) -> HouseholdLink:
    """The household said that it agrees: written down by the member, or by who keeps the branch.

    Raises:
        NotFound, NotAllowed: the link is not the actor's.
        Missing: how they said so.
    """
    with transaction.atomic():
        link = held_link(pk, by=by)
        if not _theirs(link, by):
            raise NotAllowed
        if how not in Consent.values:
            raise Missing(_("Please choose how they said so."), field="how")
        link.consent_at, link.consent_by, link.consent_how = now, by.account_id, how
        link.save(update_fields=["consent_at", "consent_by", "consent_how"])
        note(link.member.branch, Done.AGREED, by=by, now=now, about=str(pk))
        return link


def refuse(pk: UUID, *, by: Actor, now: datetime) -> HouseholdLink:
    """The household does not want to be linked, and is not proposed again. Raises as `agree`."""
    with transaction.atomic():
        link = held_link(pk, by=by)
        if not _theirs(link, by):
            raise NotAllowed
        _end([link], Ended.REFUSED, by=by, now=now)
        note(link.member.branch, Done.REFUSED, by=by, now=now, about=str(pk))
        return link


def end(pk: UUID, *, by: Actor, now: datetime) -> HouseholdLink:
    """The household is linked to nobody any more. Raises as `agree`; members may not."""
    with transaction.atomic():
        link = held_link(pk, by=by)
        if not may_keep(by, link.member.branch):
            raise NotAllowed
        _end([link], Ended.ENDED, by=by, now=now)
        note(link.member.branch, Done.UNLINKED, by=by, now=now, about=str(pk))
        return link


def hand_over(pk: UUID, to: UUID, *, by: Actor, now: datetime) -> HouseholdLink:
    """Another member of the branch looks after the household from now on.

    Raises:
        NotFound, NotAllowed: the link is not the actor's to give on.
        BadInput: no other living member of the branch.
    """
    with transaction.atomic():
        link = held_link(pk, by=by)
        branch = link.member.branch
        if not may_keep(by, branch):
            raise NotAllowed
        others = branch.members.living().exclude(pk=link.member_id)
        if not others.filter(pk=to).exists():
            raise BadInput(_("This is no other member of the branch."), field="to")
        _end([link], Ended.HANDED, by=by, now=now)
        made = _link(branch, link.household_id, to, None, link, by=by, now=now)
        _create([made])
        note(branch, Done.HANDED, by=by, now=now, about=str(made.pk))
        return made


def hand_over_all(member: PartyMember, to: UUID | None, *, by: Actor, now: datetime) -> int:
    """All households of a member who leaves go to one other, or to all others evenly; how many.

    Raises:
        BadInput: ``to`` is no other member of the branch.
        WrongState: nobody is there to take them.
    """
    links = list(
        HouseholdLink.objects.living()
        .filter(member=member)
        .select_for_update(of=("self",))
        .select_related("household__dwelling__address__building")
        .order_by("linked_at", "id")
    )
    if not links:
        return 0
    others = member.branch.members.living().exclude(pk=member.pk)
    if to is not None:
        others = others.filter(pk=to)
        if not others.exists():
            raise BadInput(_("This is no other member of the branch."), field="to")
    helpers = _helpers(others, counted=True)
    if not helpers:
        raise WrongState(
            _("Households are linked, and nobody else of the branch can take them over.")
        )
    homes = []
    for link in links:
        house = link.household.dwelling.address.building
        spot = (house.lon, house.lat) if house is not None else (None, None)
        homes.append(Home(link.household_id, *spot))
    dealt: Any = share(homes, helpers)
    at, who = {each.id: each for each in homes}, {each.id: each for each in helpers}
    _end(links, Ended.HANDED, by=by, now=now)
    made = []
    for link in links:
        taker = dealt[link.household_id]
        away = metres(at[link.household_id], who[taker])
        made.append(_link(member.branch, link.household_id, taker, away, link, by=by, now=now))
    _create(made)
    note(member.branch, Done.HANDED, by=by, now=now, about=str(member.pk), many=len(made))
    return len(made)


def _theirs(link: HouseholdLink, by: Actor) -> bool:
    """Whether the actor is the member, or keeps the branch; a link of sight is asked before."""
    return by.role == Role.MEMBER or may_keep(by, link.member.branch)


def heads_of(links: Iterable[HouseholdLink]) -> dict[UUID, Person]:
    """The head of each linked household, or who else is known of it: shown masked.

    Who is linked may see this much of the registers, and nothing around it: so it is read past
    the registers' own sight, for links that were loaded through `visible_to`.
    """
    found: dict[UUID, Person] = {}
    people = Person.objects.living().filter(household__in=[link.household_id for link in links])
    for person in people.order_by("made_at", "id"):
        home = person.household_id
        if home is not None and (home not in found or person.relation == Person.Relation.HEAD):
            found[home] = person
    return found


def reveal(
    link: HouseholdLink, *, by: Actor, purpose: Purpose | str, words: str = "", now: datetime
) -> dict[str, str]:
    """Name and phone of the household's head in clear, to its own member; written down before.

    Raises:
        NotFound: the link is not the actor's to see, or nobody is known there.
        NotAllowed: not the member it is linked to, or the household has not agreed.
        Missing, TooMany: as `audit.revealing.reveal`.
    """
    seen = HouseholdLink.objects.visible_to(by).living().filter(pk=link.pk)
    found = seen.select_related("household").first()
    head = heads_of([found]).get(found.household_id) if found is not None else None
    if found is None or head is None:
        raise NotFound
    if by.role != Role.MEMBER:
        raise NotAllowed
    if found.consent_at is None:
        raise NotAllowed(_("The household has not agreed yet: its phone stays masked."))
    return revealing.reveal(
        Subject(
            head.REGISTER,
            head.pk,
            area_code=head.area_code,
            occasion=str(found.pk),
            person=bytes(head.phone_index or b""),
        ),
        opening=lambda: {name: sealing.opened(head, name) for name in ("name", "phone")},
        fields=("name", "phone"),
        purpose=purpose,
        among=OF_HOUSEHOLDS,
        words=words,
        by=by,
        now=now,
        action="reveal_linked",
    )
