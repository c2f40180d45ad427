"""Who comes by appointment. Of a resident: a sealed phone, if they like, and the hash of a code."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.neighbours.sight import may_look
from huying.people.acting import Actor
from huying.people.models import Account
from huying.platforms.models.points import MOST_SEATS, ServiceMatter, ServicePoint


class Booked(models.Model):
    """What is kept of whoever booked something without an account.

    Attributes:
        account: the clerk who took it down; none for what came by the public page.
        form_hash: the public form's number; the same form books once.
        said_digest: the keyed digest of what the form said; empty once the rest was erased.
    """

    phone_enc = models.BinaryField(null=True)
    phone_masked = models.CharField(max_length=20, blank=True, default="")
    phone_index = models.BinaryField(null=True, max_length=32)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    code_hash = models.BinaryField(max_length=32, unique=True)
    form_hash = models.BinaryField(max_length=32, unique=True, null=True)
    said_digest = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True


class AppointmentState(models.TextChoices):
    BOOKED = "booked", pgettext_lazy("platforms", "booked")
    CAME = "came", pgettext_lazy("platforms", "came")
    MISSED = "missed", pgettext_lazy("platforms", "did not come")
    CANCELLED = "cancelled", pgettext_lazy("platforms", "cancelled")
    CALLED_OFF = "called_off", pgettext_lazy("platforms", "called off by the office")


HOLDING = ("booked", "came", "missed")
"""States that take a seat."""


class _Window(Func):
    """From beginning to end; what ends when the other begins is no overlap."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, actor: Actor) -> Self:
        if actor.is_system:
            return self
        if may_look(actor):
            return self.filter(area_code__startswith=actor.area_code)
        return self.none()

    def holding(self) -> Self:
        return self.filter(state__in=HOLDING)


class Appointment(Booked):
    """预约: a seat of a point for a time window.

    Attributes:
        seat: which of those that are served at a time; no seat serves two at once.
        number: what one is called up by on that day.
        reason: why the office called it off.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    point = models.ForeignKey(ServicePoint, models.PROTECT, related_name="appointments")
    matter = models.ForeignKey(ServiceMatter, models.SET_NULL, null=True, related_name="+")
    day = models.DateField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    seat = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    state = models.CharField(
        max_length=10, choices=AppointmentState.choices, default=AppointmentState.BOOKED
    )
    reason = models.CharField(max_length=100, blank=True, default="")
    decided_at = models.DateTimeField(null=True)

    PAST = "day"

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        db_table = "service_appointment"
        ordering = ["begins_at", "number"]
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            models.CheckConstraint(
                name="service_appointment_state_known",
                condition=Q(state__in=AppointmentState.values),
            ),
            models.CheckConstraint(
                name="service_appointment_ends_after_it_begins",
                condition=Q(ends_at__gt=F("begins_at")),
            ),
            models.CheckConstraint(
                name="service_appointment_seat", condition=Q(seat__range=(1, MOST_SEATS))
            ),
            models.CheckConstraint(
                name="service_appointment_called_off_with_a_reason",
                condition=~Q(state="called_off") | ~Q(reason=""),
            ),
            ExclusionConstraint(
                name="service_appointment_one_a_seat",
                expressions=[
                    ("point", RangeOperators.EQUAL),
                    ("seat", RangeOperators.EQUAL),
                    (_Window("begins_at", "ends_at", Value("[)")), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=list(HOLDING)),
            ),
            models.UniqueConstraint(
                name="service_appointment_number_once", fields=["point", "day", "number"]
            ),
        ]
        indexes = [models.Index("area_code", "day", name="service_appointment_of_area")]

    def __str__(self) -> str:
        return str(self.pk)
