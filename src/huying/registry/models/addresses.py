"""The tree of standard addresses below the community, its aliases and old plates."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.registry.address_text import LONGEST
from huying.registry.address_text import Level as Depth
from huying.registry.models.records import Record, Register, held_together, usual_indexes


class Level(models.IntegerChoices):
    """区, 镇街 and 村社区 are the divisions; the tree goes on below them."""

    STREET = Depth.STREET, pgettext_lazy("address", "street or lane")
    PLATE = Depth.PLATE, pgettext_lazy("address", "door plate")
    BUILDING = Depth.BUILDING, pgettext_lazy("address", "building")
    UNIT = Depth.UNIT, pgettext_lazy("address", "staircase")
    FLOOR = Depth.FLOOR, pgettext_lazy("address", "floor")
    ROOM = Depth.ROOM, pgettext_lazy("address", "room")


class Address(Record):
    """One node of the tree.

    Attributes:
        community_code: the division that the tree hangs on.
        building: the node itself or the nearest above it that is a building; where a street has
            plates only, the plate. Empty above it.
        full_name: all names from the street down: 东街12号3栋502房.
        words: what it is found by: the full name and its pinyin initials.
        lon, lat: its own position, CGCS2000; what has none lies where its parent lies.
    """

    REGISTER = Register.ADDRESS

    community_code = models.CharField(_("community"), max_length=12)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices)
    name = models.CharField(_("name"), max_length=LONGEST)
    full_name = models.CharField(_("address"), max_length=200)
    words = models.CharField(max_length=600)
    building = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts"
    )
    building_code = models.CharField(
        _("building code"), max_length=30, null=True, blank=True, unique=True
    )
    lon = models.FloatField(_("longitude"), null=True, blank=True)
    lat = models.FloatField(_("latitude"), null=True, blank=True)

    class Meta:
        db_table = "register_address"
        ordering = ["community_code", "level", "full_name"]
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [
            *held_together("register_address"),
            models.CheckConstraint(
                name="register_address_level",
                condition=Q(level=Level.STREET, parent__isnull=True)
                | Q(level__in=Level.values[1:], parent__isnull=False),
            ),
            models.CheckConstraint(name="register_address_named", condition=~Q(name="")),
            models.CheckConstraint(
                name="register_address_not_in_itself", condition=~Q(parent=F("id"))
            ),
            models.CheckConstraint(
                name="register_address_pinned",
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__range=(-180, 180), lat__range=(-90, 90)),
            ),
            models.CheckConstraint(
                name="register_address_code_of_building",
                condition=Q(building_code__isnull=True)
                | (Q(level__in=[Level.PLATE, Level.BUILDING]) & ~Q(building_code="")),
            ),
            models.UniqueConstraint(
                name="register_address_street_once",
                fields=["community_code", "name"],
                condition=Q(parent__isnull=True, valid_until__isnull=True),
            ),
            models.UniqueConstraint(
                name="register_address_once",
                fields=["parent", "level", "name"],
                condition=Q(parent__isnull=False, valid_until__isnull=True),
            ),
        ]
        indexes = [
            *usual_indexes("register_address"),
            # What stands around a position.
            models.Index(
                "lon", "lat", name="register_address_here", condition=Q(lon__isnull=False)
            ),
            # The building that the text of a case names.
            models.Index(
                "community_code",
                "full_name",
                name="register_address_building",
                condition=Q(level__in=[Level.PLATE, Level.BUILDING], valid_until__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name


class AddressAlias(models.Model):
    """Another name of an address, or a plate that it used to have."""

    class Kind(models.TextChoices):
        ALIAS = "alias", pgettext_lazy("address", "also called")
        OLD_PLATE = "old_plate", pgettext_lazy("address", "old plate")

    id = models.BigAutoField(primary_key=True)
    address = models.ForeignKey(Address, models.CASCADE, related_name="aliases")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=80, help_text="whole, as people say it")
    words = models.CharField(max_length=300)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        db_table = "register_alias"
        ordering = ["address_id", "id"]
        verbose_name = _("other name of an address")
        verbose_name_plural = _("other names of addresses")
        constraints = [
            models.UniqueConstraint(name="register_alias_once", fields=["address", "name"]),
            models.CheckConstraint(name="register_alias_named", condition=~Q(name="")),
        ]
        indexes = [models.Index("name", name="register_alias_name")]

    def __str__(self) -> str:
        return self.name


class DerivedGrids(models.Model):
    """Up to which change of a district's outlines the registers' grids were derived."""

    district_code = models.CharField(max_length=6, primary_key=True)
    version = models.BigIntegerField()

    class Meta:
        db_table = "register_derived"
