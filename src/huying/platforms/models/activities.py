"""Activities of a community or town, and who signed up without an account."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.people.models import Account
from huying.platforms.models.booking import Booked
from huying.platforms.models.points import IN_AN_AREA, OfAreaQuerySet

MOST_PLACES = 1000
MOST_PEOPLE = 5
"""Whom one sign-up may bring, oneself among them."""


class PlatformActivity(models.Model):
    """文体活动: something to go to, with so many places.

    Attributes:
        taken: places that are given; the database lets no more be given than there are.
        walk_ins: who came without having signed up.
        attended_at: when the desk said who came.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    title = models.CharField(max_length=60)
    words = models.CharField(max_length=400, blank=True, default="")
    spot = models.CharField(max_length=60)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    sign_up_until = models.DateTimeField()
    capacity = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0)
    cancelled_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=100, blank=True, default="")
    walk_ins = models.PositiveSmallIntegerField(default=0)
    attended_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = OfAreaQuerySet.as_manager()

    class Meta:
        db_table = "platform_activity"
        ordering = ["begins_at", "id"]
        verbose_name = _("activity of a community")
        verbose_name_plural = _("activities of communities")
        constraints = [
            models.CheckConstraint(name="platform_activity_in_an_area", condition=IN_AN_AREA),
            models.CheckConstraint(name="platform_activity_titled", condition=~Q(title="")),
            models.CheckConstraint(
                name="platform_activity_times",
                condition=Q(ends_at__gt=F("begins_at"), sign_up_until__lte=F("begins_at")),
            ),
            models.CheckConstraint(
                name="platform_activity_places",
                condition=Q(capacity__range=(1, MOST_PLACES), taken__lte=F("capacity")),
            ),
            models.CheckConstraint(
                name="platform_activity_cancelled_with_a_reason",
                condition=Q(cancelled_at__isnull=True) | ~Q(reason=""),
            ),
        ]
        indexes = [models.Index("area_code", "begins_at", name="platform_activity_of_area")]

    def __str__(self) -> str:
        return self.title

    @property
    def left(self) -> int:
        return int(self.capacity - self.taken)


class SignUpState(models.TextChoices):
    IN = "in", pgettext_lazy("platforms", "has a place")
    WAITING = "waiting", pgettext_lazy("platforms", "on the waiting list")
    OFF = "off", pgettext_lazy("platforms", "cancelled")


class ActivitySignUp(Booked):
    """报名: so many people of one sign-up.

    Attributes:
        day: the activity's.
        moved_up_at: when it came from the waiting list to places.
        came: how many of them were there; empty until the desk says.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    activity = models.ForeignKey(PlatformActivity, models.PROTECT, related_name="sign_ups")
    day = models.DateField()
    number = models.PositiveSmallIntegerField()
    people = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=SignUpState.choices)
    moved_up_at = models.DateTimeField(null=True)
    came = models.PositiveSmallIntegerField(null=True)

    PAST = "day"

    objects = OfAreaQuerySet.as_manager()

    class Meta:
        db_table = "activity_sign_up"
        ordering = ["number"]
        verbose_name = _("sign-up for an activity")
        verbose_name_plural = _("sign-ups for activities")
        constraints = [
            models.CheckConstraint(
                name="activity_sign_up_state_known", condition=Q(state__in=SignUpState.values)
            ),
            models.CheckConstraint(
                name="activity_sign_up_people", condition=Q(people__range=(1, MOST_PEOPLE))
            ),
            models.CheckConstraint(
                name="activity_sign_up_came",
                condition=Q(came__isnull=True) | Q(state="in", came__lte=F("people")),
            ),
            models.UniqueConstraint(
                name="activity_sign_up_number_once", fields=["activity", "number"]
            ),
            models.UniqueConstraint(
                name="activity_sign_up_phone_once",
                fields=["activity", "phone_index"],
                condition=Q(state__in=["in", "waiting"], phone_index__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
