"""Branches, the grids and buildings that are theirs, and what was done to them."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.branches.sight import is_office
from huying.people.acting import Actor
from huying.people.models import Role, Unit
from huying.places.models import Grid
from huying.registry.models import Address

CODE_SIZE = 8


class Kind(models.TextChoices):
    COMMITTEE = "committee", pgettext_lazy("branch", "party committee")
    GENERAL = "general", pgettext_lazy("branch", "general branch")
    GRID = "grid", pgettext_lazy("branch", "grid branch")
    BUILDING = "building", pgettext_lazy("branch", "building branch")
    UNIT = "unit", pgettext_lazy("branch", "branch of a unit or group")


ABOVE = frozenset({Kind.COMMITTEE, Kind.GENERAL})
"""Kinds that have others below them."""


def grid_heads_lead() -> bool:
    """Whether the district's grid heads are the secretaries of their grids' branches."""
    found: bool = settings.HUYING.grid_head_is_secretary
    return found


class BranchQuerySet(models.QuerySet["Branch"]):
    def visible_to(self, actor: Actor) -> Self:
        """Desks and leaders see those of their area; who has a post in a branch, that one."""
        if actor.is_system:
            return self
        if is_office(actor):
            return self.filter(area_code__startswith=actor.area_code)
        if actor.role in (Role.HANDLER, Role.MEMBER) and actor.unit_id is not None:
            return self.filter(unit=actor.unit_id)
        if actor.role == Role.GRID_HEAD and grid_heads_lead():
            theirs = BranchPlace.objects.living().filter(grid=actor.area_code)
            return self.filter(kind=Kind.GRID, pk__in=theirs.values("branch"))
        return self.none()

    def with_members_for(self, actor: Actor) -> Self:
        """Those whose members the post may see: of its own level, or led on it."""
        seen = self.visible_to(actor)
        if actor.is_system:
            return seen
        if is_office(actor):
            return seen.filter(area_code=actor.area_code)
        return seen if actor.role in (Role.HANDLER, Role.GRID_HEAD) else seen.none()

    def living(self) -> Self:
        return self.filter(ended_on=None)


class Branch(models.Model):
    """党组织: one unit of kind branch, with its place in the tree and its plate.

    Attributes:
        unit: what a whistle calls; its name and area are the branch's.
        plate: what stands on the plate beside the name.
        code: leads from the plate's QR code to the branch's public page.
        reach: how residents reach it, in public: a place and hours, an office's telephone.
        secretary: one of its members; who answers a whistle holds a handler's post of the unit.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(_("area"), max_length=12)
    unit = models.OneToOneField(Unit, models.PROTECT, related_name="branch")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    plate = models.CharField(_("words on the plate"), max_length=120, blank=True, default="")
    reach = models.CharField(_("how to reach it"), max_length=120, blank=True, default="")
    code = models.CharField(max_length=CODE_SIZE, unique=True)
    secretary = models.ForeignKey(
        "PartyMember", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    founded_on = models.DateField(_("founded on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = BranchQuerySet.as_manager()

    class Meta:
        db_table = "branch"
        ordering = ["area_code", "founded_on", "id"]
        verbose_name = _("party branch")
        verbose_name_plural = _("party branches")
        constraints = [
            models.CheckConstraint(
                name="branch_in_an_area",
                condition=Q(area_code__regex=r"^(\d{6}|\d{9}|\d{12})$")
                & Q(district_code=Left("area_code", 6)),
            ),
            models.CheckConstraint(
                name="branch_kind_known",
                condition=Q(kind__in=["committee", "general", "grid", "building", "unit"]),
            ),
            models.CheckConstraint(
                name="branch_on_the_grid_in_a_community",
                condition=~Q(kind__in=["general", "grid", "building"])
                | Q(area_code__regex=r"^\d{12}$"),
            ),
            models.CheckConstraint(name="branch_not_above_itself", condition=~Q(parent=F("id"))),
            models.CheckConstraint(
                name="branch_ends_after_it_was_founded",
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("founded_on")),
            ),
        ]
        indexes = [
            models.Index(OpClass(F("area_code"), name="varchar_pattern_ops"), name="branch_of_area")
        ]

    def __str__(self) -> str:
        return self.unit.name

    @property
    def is_living(self) -> bool:
        return self.ended_on is None


class BranchPlaceQuerySet(models.QuerySet["BranchPlace"]):
    def living(self) -> Self:
        return self.filter(until=None)


class BranchPlace(models.Model):
    """A grid or a building that is a branch's, from a day on. Each is one branch's at a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    branch = models.ForeignKey(Branch, models.CASCADE, related_name="places")
    grid = models.ForeignKey(Grid, models.PROTECT, null=True, related_name="+")
    building = models.ForeignKey(Address, models.PROTECT, null=True, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True)

    objects = BranchPlaceQuerySet.as_manager()

    class Meta:
        db_table = "branch_place"
        ordering = ["since", "id"]
        constraints = [
            models.CheckConstraint(
                name="branch_place_a_grid_or_a_building",
                condition=Q(grid__isnull=True, building__isnull=False)
                | Q(grid__isnull=False, building__isnull=True),
            ),
            models.UniqueConstraint(
                name="branch_place_grid_once", fields=["grid"], condition=Q(until__isnull=True)
            ),
            models.UniqueConstraint(
                name="branch_place_building_once",
                fields=["building"],
                condition=Q(until__isnull=True),
            ),
        ]


class BranchChange(models.Model):
    """What was done to a branch, its members and their households. Append only; names nobody.

    Attributes:
        about: the id of the member or link, or the code or id of a grid or building.
        many: how many households, where it was more than one.
    """

    class Done(models.TextChoices):
        FOUNDED = "founded", pgettext_lazy("branch", "founded")
        CHANGED = "changed", pgettext_lazy("branch", "changed")
        ENDED = "ended", pgettext_lazy("branch", "ended")
        PLACED = "placed", pgettext_lazy("branch", "a place became its own")
        UNPLACED = "unplaced", pgettext_lazy("branch", "a place is its own no longer")
        SECRETARY = "secretary", pgettext_lazy("branch", "another secretary")
        JOINED = "joined", pgettext_lazy("branch", "a member joined")
        CORRECTED = "corrected", pgettext_lazy("branch", "a member's record was corrected")
        REPORTED = "reported", pgettext_lazy("branch", "a member registered with a community")
        LEFT = "left", pgettext_lazy("branch", "a member left")
        LINKED = "linked", pgettext_lazy("branch", "households were linked")
        HANDED = "handed", pgettext_lazy("branch", "households were handed over")
        UNLINKED = "unlinked", pgettext_lazy("branch", "households are linked no longer")
        AGREED = "agreed", pgettext_lazy("branch", "a household agreed")
        REFUSED = "refused", pgettext_lazy("branch", "a household refused")
        ERASED = "erased", pgettext_lazy("branch", "was emptied at the person's request")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    branch = models.ForeignKey(Branch, models.DO_NOTHING, related_name="changes")
    at = models.DateTimeField()
    by_account = models.BigIntegerField(null=True)
    done = models.CharField(max_length=10, choices=Done.choices)
    about = models.CharField(max_length=40, blank=True, default="")
    many = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "branch_change"
        ordering = ["-at", "-id"]
        indexes = [models.Index("branch", "at", name="branch_change_of")]
