"""What member organisations share, and who booked it when."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.branches.models import MemberOrganisation
from huying.joint.sight import is_office, near, of_organisation, seat_of
from huying.joint.times import Opening, Span
from huying.people.acting import Actor
from huying.people.models import Account, Unit

IN_A_COMMUNITY: Final = Q(area_code__regex=r"^\d{12}$") & Q(district_code=Left("area_code", 6))
MOST: Final = 999


class Kind(models.TextChoices):
    """What is shared, or needed."""

    HALL = "hall", pgettext_lazy("shared", "hall or room")
    PARKING = "parking", pgettext_lazy("shared", "parking")
    EQUIPMENT = "equipment", pgettext_lazy("shared", "equipment")
    SKILL = "skill", pgettext_lazy("shared", "skill")
    OTHER = "other", pgettext_lazy("shared", "other")


class SharedResourceQuerySet(models.QuerySet["SharedResource"]):
    def visible_to(self, actor: Actor) -> Self:
        """An office sees its area; who books for a branch or team, what is around it."""
        if actor.is_system:
            return self
        if is_office(actor):
            return self.filter(area_code__startswith=actor.area_code)
        return self.filter(near(actor)) if seat_of(actor) is not None else self.none()

    def living(self) -> Self:
        return self.filter(ended_at=None)


class SharedResource(models.Model):
    """资源: something that a member organisation lets others use.

    Attributes:
        quantity: how many there are to be booked at a time; one is booked by one.
        people: how many people it holds, where that means something.
        spot: where it is.
        contact: which office answers for it, and its line; no person.
        words: what is asked of who uses it.
        hours: when it can be used: weekdays, and minutes of the day; empty means always.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    organisation = models.ForeignKey(MemberOrganisation, models.PROTECT, related_name="resources")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=60)
    spot = models.CharField(max_length=100, blank=True, default="")
    quantity = models.PositiveSmallIntegerField(default=1)
    people = models.PositiveIntegerField(null=True)
    contact = models.CharField(max_length=60, blank=True, default="")
    words = models.CharField(max_length=400, blank=True, default="")
    hours: models.JSONField[Any, Any] = models.JSONField(default=list)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = SharedResourceQuerySet.as_manager()

    class Meta:
        db_table = "shared_resource"
        ordering = ["area_code", "kind", "name", "id"]
        verbose_name = _("shared resource")
        verbose_name_plural = _("shared resources")
        constraints = [
            models.CheckConstraint(name="shared_resource_in_a_community", condition=IN_A_COMMUNITY),
            models.CheckConstraint(name="shared_resource_named", condition=~Q(name="")),
            models.CheckConstraint(
                name="shared_resource_kind_known", condition=Q(kind__in=Kind.values)
            ),
            models.CheckConstraint(
                name="shared_resource_quantity", condition=Q(quantity__range=(1, MOST))
            ),
            models.UniqueConstraint(
                name="shared_resource_once",
                fields=["organisation", "name"],
                condition=Q(ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def openings(self) -> list[Opening]:
        return [Opening(tuple(each["days"]), each["begins"], each["ends"]) for each in self.hours]


class BookingState(models.TextChoices):
    ASKED = "asked", pgettext_lazy("booking", "to be confirmed")
    CONFIRMED = "confirmed", pgettext_lazy("booking", "confirmed")
    REFUSED = "refused", pgettext_lazy("booking", "refused")
    CANCELLED = "cancelled", pgettext_lazy("booking", "cancelled")
    RETURNED = "returned", pgettext_lazy("booking", "handed back")
    LAPSED = "lapsed", pgettext_lazy("booking", "not confirmed in time")


HOLDING: Final = (BookingState.ASKED, BookingState.CONFIRMED)
"""Who asked first holds the time until it is decided."""

_ITS_TIME: Final = Func(
    F("begins_at"),
    F("ends_at"),
    Value("[)"),
    function="TSTZRANGE",
    output_field=DateTimeRangeField(),
)


class SharedBookingQuerySet(models.QuerySet["SharedBooking"]):
    def visible_to(self, actor: Actor) -> Self:
        """An office sees its area's; others their unit's, and those of what their own lends."""
        if actor.is_system:
            return self
        if is_office(actor):
            return self.filter(area_code__startswith=actor.area_code)
        seat = seat_of(actor)
        if seat is None:
            return self.none()
        lent = of_organisation(seat, "resource__")
        return self.filter(Q(unit=seat) | Q(account=actor.account_id) | lent)

    def holding(self) -> Self:
        return self.filter(state__in=HOLDING)

    def meeting(self, begins: datetime, ends: datetime) -> Self:
        return self.filter(begins_at__lt=ends, ends_at__gt=begins)


class SharedBooking(models.Model):
    """预约: a unit has so many of a resource for a time.

    Attributes:
        unit: the branch or team that uses it; none: the community itself.
        exclusive: there is but one of it. The resource's, so that the database can hold to it.
        reason: why it was refused or cancelled.
        return_words: how it was handed back.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    resource = models.ForeignKey(SharedResource, models.PROTECT, related_name="bookings")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    quantity = models.PositiveSmallIntegerField(default=1)
    exclusive = models.BooleanField()
    purpose = models.CharField(max_length=200)
    state = models.CharField(
        max_length=10, choices=BookingState.choices, default=BookingState.ASKED
    )
    reason = models.CharField(max_length=200, blank=True, default="")
    return_words = models.CharField(max_length=400, blank=True, default="")
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = SharedBookingQuerySet.as_manager()

    class Meta:
        db_table = "shared_booking"
        ordering = ["begins_at", "id"]
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints = [
            models.CheckConstraint(name="shared_booking_in_a_community", condition=IN_A_COMMUNITY),
            models.CheckConstraint(
                name="shared_booking_ends_after_it_begins", condition=Q(ends_at__gt=F("begins_at"))
            ),
            models.CheckConstraint(
                name="shared_booking_quantity",
                condition=Q(exclusive=True, quantity=1)
                | Q(exclusive=False, quantity__range=(1, MOST)),
            ),
            models.CheckConstraint(
                name="shared_booking_state_known", condition=Q(state__in=BookingState.values)
            ),
            models.CheckConstraint(
                name="shared_booking_confirmed_by_somebody",
                condition=~Q(state__in=["confirmed", "refused"])
                | Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="shared_booking_refused_with_a_reason",
                condition=~Q(state="refused") | ~Q(reason=""),
            ),
            ExclusionConstraint(
                name="shared_booking_one_at_a_time",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    (_ITS_TIME, RangeOperators.OVERLAPS),
                ],
                condition=Q(exclusive=True, state__in=["asked", "confirmed"]),
            ),
        ]
        indexes = [
            models.Index("resource", "ends_at", name="shared_booking_of_resource"),
            models.Index("begins_at", name="shared_booking_asked", condition=Q(state="asked")),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.state}"

    @property
    def span(self) -> Span:
        return Span(self.begins_at, self.ends_at)


class JointStep(models.Model):
    """What was done, by whom, when. Only added to; it holds no words.

    Attributes:
        subject, subject_id: the table and the row that it was done to.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    subject = models.CharField(max_length=24)
    subject_id = models.UUIDField()
    verb = models.CharField(max_length=24)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    post_id = models.BigIntegerField(null=True)
    data: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta:
        db_table = "joint_step"
        ordering = ["at", "id"]
        indexes = [models.Index("subject_id", "at", name="joint_step_of_subject")]
