"""Dwellings, units and facilities: what is at an address."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.registry.models.addresses import Address
from huying.registry.models.records import Record, Register, Risk, held_together, usual_indexes


def risks() -> ArrayField[Any, Any]:
    """The risks of a record, by their codes."""
    return ArrayField(
        models.CharField(max_length=12, choices=Risk.choices), default=list, blank=True
    )


def risks_known(table: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"{table}_risks_known", condition=Q(risks__contained_by=Risk.values)
    )


class Dwelling(Record):
    """房屋: a room or house that people live in, or could."""

    REGISTER = Register.DWELLING

    class Use(models.TextChoices):
        OWNER = "owner", pgettext_lazy("dwelling", "lived in by its owner")
        RENTED = "rented", pgettext_lazy("dwelling", "rented out")
        SHARED = "shared", pgettext_lazy("dwelling", "dormitory or rented to many")
        MIXED = "mixed", pgettext_lazy("dwelling", "lived and worked in")
        EMPTY = "empty", pgettext_lazy("dwelling", "empty")
        UNKNOWN = "unknown", pgettext_lazy("dwelling", "not known")

    address = models.ForeignKey(Address, models.PROTECT, related_name="dwellings")
    use = models.CharField(_("use"), max_length=8, choices=Use.choices)
    rooms = models.PositiveSmallIntegerField(_("rooms"), null=True, blank=True)
    risks = risks()

    class Meta:
        db_table = "register_dwelling"
        verbose_name = _("dwelling")
        verbose_name_plural = _("dwellings")
        constraints = [
            *held_together("register_dwelling"),
            risks_known("register_dwelling"),
            models.CheckConstraint(
                name="register_dwelling_use_known",
                condition=Q(use__in=["owner", "rented", "shared", "mixed", "empty", "unknown"]),
            ),
            models.UniqueConstraint(
                name="register_dwelling_once",
                fields=["address"],
                condition=Q(valid_until__isnull=True),
            ),
        ]
        indexes = [*usual_indexes("register_dwelling")]

    def __str__(self) -> str:
        return self.address.full_name


class Enterprise(Record):
    """单位: an enterprise, shop or institution.

    Attributes:
        contact, phone: who answers for it, kept as a person's are.
    """

    REGISTER = Register.ENTERPRISE

    class Kind(models.TextChoices):
        FACTORY = "factory", pgettext_lazy("unit", "factory or workshop")
        STORE = "store", pgettext_lazy("unit", "warehouse")
        SHOP = "shop", pgettext_lazy("unit", "shop")
        FOOD = "food", pgettext_lazy("unit", "restaurant")
        LODGING = "lodging", pgettext_lazy("unit", "hotel or lodging house")
        SCHOOL = "school", pgettext_lazy("unit", "school or nursery")
        CARE = "care", pgettext_lazy("unit", "clinic or home")
        OFFICE = "office", pgettext_lazy("unit", "office")
        OTHER = "other", pgettext_lazy("unit", "other")

    name = models.CharField(_("name"), max_length=80)
    words = models.CharField(max_length=260)
    credit_code = models.CharField(
        _("unified social credit code"), max_length=18, null=True, blank=True
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    address = models.ForeignKey(Address, models.PROTECT, related_name="enterprises")
    risks = risks()
    contact_enc = models.BinaryField(null=True, blank=True)
    contact_masked = models.CharField(_("contact"), max_length=20, blank=True, default="")
    phone_enc = models.BinaryField(null=True, blank=True)
    phone_masked = models.CharField(_("phone"), max_length=20, blank=True, default="")
    phone_index = models.BinaryField(null=True, blank=True)

    class Meta:
        db_table = "register_enterprise"
        ordering = ["name", "id"]
        verbose_name = _("unit in the register")
        verbose_name_plural = _("units in the register")
        constraints = [
            *held_together("register_enterprise"),
            risks_known("register_enterprise"),
            models.CheckConstraint(name="register_enterprise_named", condition=~Q(name="")),
            models.CheckConstraint(
                name="register_enterprise_code",
                condition=Q(credit_code__isnull=True)
                | Q(credit_code__regex=r"^[0-9A-HJ-NP-RTUWXY]{18}$"),
            ),
            models.UniqueConstraint(
                name="register_enterprise_code_once",
                fields=["district_code", "credit_code"],
                condition=Q(valid_until__isnull=True, credit_code__isnull=False),
            ),
        ]
        indexes = [
            *usual_indexes("register_enterprise"),
            models.Index("phone_index", name="register_enterprise_phone"),
        ]

    def __str__(self) -> str:
        return self.name


class Facility(Record):
    """设施: something public that stands somewhere, at an address or at a position of its own."""

    REGISTER = Register.FACILITY

    class Kind(models.TextChoices):
        HYDRANT = "hydrant", pgettext_lazy("facility", "fire hydrant")
        LAMP = "lamp", pgettext_lazy("facility", "street lamp")
        MANHOLE = "manhole", pgettext_lazy("facility", "manhole")
        PUMP = "pump", pgettext_lazy("facility", "pump or sluice")
        CAMERA = "camera", pgettext_lazy("facility", "camera")
        LIFT = "lift", pgettext_lazy("facility", "lift")
        CHARGER = "charger", pgettext_lazy("facility", "charging point")
        WASTE = "waste", pgettext_lazy("facility", "waste station")
        HALL = "hall", pgettext_lazy("facility", "hall or square")
        SHELTER = "shelter", pgettext_lazy("facility", "shelter")
        OTHER = "other", pgettext_lazy("facility", "other")

    name = models.CharField(_("name"), max_length=80)
    words = models.CharField(max_length=260)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    address = models.ForeignKey(
        Address, models.PROTECT, null=True, blank=True, related_name="facilities"
    )
    lon = models.FloatField(_("longitude"), null=True, blank=True)
    lat = models.FloatField(_("latitude"), null=True, blank=True)
    risks = risks()

    class Meta:
        db_table = "register_facility"
        ordering = ["name", "id"]
        verbose_name = _("facility")
        verbose_name_plural = _("facilities")
        constraints = [
            *held_together("register_facility"),
            risks_known("register_facility"),
            models.CheckConstraint(name="register_facility_named", condition=~Q(name="")),
            models.CheckConstraint(
                name="register_facility_pinned",
                condition=Q(lon__isnull=True, lat__isnull=True, address__isnull=False)
                | Q(lon__range=(-180, 180), lat__range=(-90, 90)),
            ),
        ]
        indexes = [
            *usual_indexes("register_facility"),
            models.Index(
                "lon", "lat", name="register_facility_here", condition=Q(lon__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name
