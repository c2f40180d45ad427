"""What every record of a register has: its place, its time, its source, and who checked it last."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.installation import config
from huying.people.acting import Actor
from huying.registry.sight import may_look


class Register(models.TextChoices):
    """The registers; a record anywhere is known by its register's code and its id."""

    ADDRESS = "address", pgettext_lazy("register", "addresses")
    DWELLING = "dwelling", pgettext_lazy("register", "dwellings")
    HOUSEHOLD = "household", pgettext_lazy("register", "households")
    PERSON = "person", pgettext_lazy("register", "people")
    ENTERPRISE = "enterprise", pgettext_lazy("register", "units")
    FACILITY = "facility", pgettext_lazy("register", "facilities")


class Source(models.TextChoices):
    """Where a record comes from."""

    VISIT = "visit", _("collected on a visit")
    DESK = "desk", _("entered at a desk")
    TOLD = "told", _("told by the person")
    IMPORT = "import", _("taken in from a table")
    DEPARTMENT = "department", _("from a department")


class Risk(models.TextChoices):
    """What whoever is sent there must know beforehand."""

    CHEMICALS = "chemicals", _("hazardous chemicals")
    THREE_IN_ONE = "three_in_one", _("workshop, store and dwelling in one")
    CHARGING = "charging", _("electric bikes charged indoors")
    GAS = "gas", _("bottled gas")
    DUST = "dust", _("explosive dust")
    CROWDED = "crowded", _("many people close together")
    BARRED = "barred", _("barred windows or blocked exits")


class RecordQuerySet(models.QuerySet[Any]):
    """Records, narrowed. Everything that a person sees is loaded through `visible_to`."""

    def visible_to(self, actor: Actor) -> Self:
        """The own grid of who walks there, the area of desks and leaders; nobody else's."""
        if actor.is_system:
            return self
        if not may_look(actor):
            return self.none()
        return self.filter(area_code__startswith=actor.area_code)

    def living(self) -> Self:
        """Those that hold today: not ended, and not merged into another."""
        return self.filter(valid_until=None)

    def on(self, day: date) -> Self:
        """Those that held on a day."""
        return self.filter(valid_from__lte=day).filter(Q(valid_until=None) | Q(valid_until__gt=day))


class Record(models.Model):
    """One record of a register.

    Attributes:
        area_code: the grid, derived from the position and never typed in; the community where no
            grid holds the position, or there is none.
        valid_until: the day on which it ended; empty while it holds.
        checked_by: the account that last saw it to be so, on the spot or at a desk.
        version: counts its changes, so that nobody writes over what they have not seen.
    """

    REGISTER: ClassVar[Register]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(_("grid"), max_length=15)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=12, choices=Source.choices)
    made_at = models.DateTimeField(_("entered at"))
    made_by = models.BigIntegerField(_("entered by"), null=True, blank=True)
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    checked_by = models.BigIntegerField(_("checked by"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_living(self) -> bool:
        return self.valid_until is None

    @property
    def stale_at(self) -> datetime:
        """From when on somebody should look at it again."""
        return (self.checked_at or self.made_at) + timedelta(days=stale_days()[self.REGISTER])

    def is_stale(self, now: datetime) -> bool:
        return self.is_living and now >= self.stale_at


def stale_days() -> dict[str, int]:
    """After how many days unchecked a record is stale, by register."""
    return config.stale_days


def held_together(table: str) -> list[models.BaseConstraint]:
    """What the database refuses in every register."""
    return [
        models.CheckConstraint(
            name=f"{table}_in_an_area",
            condition=Q(area_code__regex=r"^(\d{12}|\d{15})$")
            & Q(district_code=Left("area_code", 6)),
        ),
        models.CheckConstraint(
            name=f"{table}_ends_after_start",
            condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
        ),
        models.CheckConstraint(
            name=f"{table}_merged_has_ended",
            condition=Q(merged_into__isnull=True)
            | (Q(valid_until__isnull=False) & ~Q(merged_into=F("id"))),
        ),
        models.CheckConstraint(name=f"{table}_source_known", condition=Q(source__in=Source.values)),
    ]


def usual_indexes(table: str) -> list[models.Index]:
    """For the records of a grid, community or town, and for those merged into one."""
    return [
        models.Index(OpClass(F("area_code"), name="varchar_pattern_ops"), name=f"{table}_of_area"),
        models.Index("merged_into", name=f"{table}_merged", condition=Q(merged_into__isnull=False)),
    ]
