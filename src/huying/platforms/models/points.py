"""Service points, what they do, the days on which they are closed, and what can be done online."""

from __future__ import annotations

from typing import Any, Final, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.neighbours.sight import may_look
from huying.people.acting import Actor
from huying.people.models import Account
from huying.platforms.hours import Week, week_of
from huying.registry.models import Address

IN_AN_AREA: Final = Q(area_code__regex=r"^\d{9}(\d{3})?$") & Q(district_code=Left("area_code", 6))
"""Of a town or a community."""

SLOT_MINUTES: Final = (10, 120)
MOST_SEATS: Final = 20
MOST_DAYS: Final = 60


class OfAreaQuerySet(models.QuerySet[Any]):
    """What a town or community offers."""

    def visible_to(self, actor: Actor) -> Self:
        """For a desk or leader what lies in the area."""
        if actor.is_system:
            return self
        if may_look(actor):
            return self.filter(area_code__startswith=actor.area_code)
        return self.none()

    def for_residents(self, community: str) -> Self:
        """What a community's residents are shown: its own, and the town's."""
        return self.filter(area_code__in=[community, community[:9]])


class PointKind(models.TextChoices):
    SERVICE = "service", pgettext_lazy("platforms", "service point")
    CANTEEN = "canteen", pgettext_lazy("platforms", "elder canteen")


class ServicePoint(models.Model):
    """办事服务点: where residents get something done. Its phone is the office's and public.

    Attributes:
        week: seven lines from Monday, as ``08:30-12:00 14:00-17:30``; empty is closed.
        keeps_calendar: closed on days off, open on make-up days.
        seats: how many are served at a time; with none no appointment can be made.
        days_ahead: how early one may book.
        order: where it stands in the list.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=8, choices=PointKind.choices, default=PointKind.SERVICE)
    name = models.CharField(max_length=40)
    spot = models.CharField(max_length=100)
    grid_code = models.CharField(max_length=15, blank=True, default="")
    address = models.ForeignKey(Address, models.SET_NULL, null=True, related_name="+")
    phone = models.CharField(max_length=30, blank=True, default="")
    words = models.CharField(max_length=200, blank=True, default="")
    week: models.JSONField[Any, Any] = models.JSONField(default=list)
    keeps_calendar = models.BooleanField(default=True)
    slot_minutes = models.PositiveSmallIntegerField(default=30)
    seats = models.PositiveSmallIntegerField(default=0)
    days_ahead = models.PositiveSmallIntegerField(default=14)
    order = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = OfAreaQuerySet.as_manager()

    class Meta:
        db_table = "service_point"
        ordering = ["area_code", "kind", "order", "name"]
        verbose_name = _("service point")
        verbose_name_plural = _("service points")
        constraints = [
            models.CheckConstraint(name="service_point_in_an_area", condition=IN_AN_AREA),
            models.CheckConstraint(name="service_point_named", condition=~Q(name="") & ~Q(spot="")),
            models.CheckConstraint(
                name="service_point_kind_known", condition=Q(kind__in=PointKind.values)
            ),
            models.CheckConstraint(
                name="service_point_grid_in_area",
                condition=Q(grid_code="") | Q(grid_code__startswith=F("area_code")),
            ),
            models.CheckConstraint(
                name="service_point_slots",
                condition=Q(slot_minutes__range=SLOT_MINUTES, seats__lte=MOST_SEATS)
                & Q(days_ahead__range=(1, MOST_DAYS)),
            ),
            models.UniqueConstraint(
                name="service_point_name_once",
                fields=["area_code", "name"],
                condition=Q(ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def hours(self) -> Week:
        return week_of(self.week)


class Booking(models.TextChoices):
    """Whether one comes by appointment."""

    NONE = "none", pgettext_lazy("platforms", "just come")
    POSSIBLE = "possible", pgettext_lazy("platforms", "come, or book")
    NEEDED = "needed", pgettext_lazy("platforms", "by appointment only")


class ServiceMatter(models.Model):
    """服务事项: something that a point does; what to bring, and how long it takes in minutes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    point = models.ForeignKey(ServicePoint, models.CASCADE, related_name="matters")
    name = models.CharField(max_length=40)
    bring = models.CharField(max_length=300, blank=True, default="")
    minutes = models.PositiveSmallIntegerField(null=True)
    booking = models.CharField(max_length=8, choices=Booking.choices, default=Booking.NONE)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "service_matter"
        ordering = ["order", "name"]
        verbose_name = _("service matter")
        verbose_name_plural = _("service matters")
        constraints = [
            models.CheckConstraint(name="service_matter_named", condition=~Q(name="")),
            models.CheckConstraint(
                name="service_matter_booking_known", condition=Q(booking__in=Booking.values)
            ),
            models.UniqueConstraint(
                name="service_matter_once", fields=["point", "name"], condition=Q(active=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ClosedDay(models.Model):
    """A day on which a point is closed beside its hours, and why; residents read it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    point = models.ForeignKey(ServicePoint, models.CASCADE, related_name="closed_days")
    day = models.DateField()
    reason = models.CharField(max_length=100)

    class Meta:
        db_table = "service_closed_day"
        ordering = ["day"]
        verbose_name = _("closed day")
        verbose_name_plural = _("closed days")
        constraints = [
            models.CheckConstraint(name="service_closed_day_reason", condition=~Q(reason="")),
            models.UniqueConstraint(name="service_closed_day_once", fields=["point", "day"]),
        ]

    def __str__(self) -> str:
        return f"{self.point_id} {self.day}"


class GuideKind(models.TextChoices):
    """Where a line of the online services leads."""

    LINK = "link", pgettext_lazy("platforms", "an address on the web")
    REPORT = "report", pgettext_lazy("platforms", "report something")
    FOLLOW = "follow", pgettext_lazy("platforms", "follow a report")
    SUGGEST = "suggest", pgettext_lazy("platforms", "suggest something")


class OnlineGuide(models.Model):
    """网络服务: a guide or a link, in the order that the desk set."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=8, choices=GuideKind.choices)
    title = models.CharField(max_length=40)
    words = models.CharField(max_length=200, blank=True, default="")
    link = models.CharField(max_length=300, blank=True, default="")
    order = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")

    objects = OfAreaQuerySet.as_manager()

    class Meta:
        db_table = "online_guide"
        ordering = ["area_code", "order", "made_at"]
        verbose_name = _("online service")
        verbose_name_plural = _("online services")
        constraints = [
            models.CheckConstraint(name="online_guide_in_an_area", condition=IN_AN_AREA),
            models.CheckConstraint(name="online_guide_titled", condition=~Q(title="")),
            models.CheckConstraint(
                name="online_guide_leads_somewhere",
                condition=Q(kind="link", link__regex=r"^https?://[^\s]+$")
                | Q(kind__in=["report", "follow", "suggest"], link=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title
