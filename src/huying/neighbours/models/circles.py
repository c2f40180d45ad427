"""Volunteer teams and groups, who is in them, what they do together, and the hours they gave."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.neighbours.models.wishes import IN_A_COMMUNITY
from huying.neighbours.sight import may_help, may_look, near
from huying.people.acting import Actor
from huying.people.models import Account, Unit


class Tie(models.TextChoices):
    """五缘: what a group has in common; a volunteer team has its work."""

    TEAM = "team", pgettext_lazy("neighbours", "volunteer team")
    ASPIRATION = "aspiration", pgettext_lazy("neighbours", "tie of aspiration")
    INTEREST = "interest", pgettext_lazy("neighbours", "tie of interest")
    TRADE = "trade", pgettext_lazy("neighbours", "tie of trade")
    ORIGIN = "origin", pgettext_lazy("neighbours", "tie of origin")
    BUILDING = "building", pgettext_lazy("neighbours", "tie of the building")


class CircleQuerySet(models.QuerySet["Circle"]):
    def visible_to(self, actor: Actor) -> Self:
        if actor.is_system:
            return self
        if may_look(actor):
            return self.filter(area_code__startswith=actor.area_code)
        if may_help(actor):
            return self.filter(near(actor), ended_at=None)
        return self.none()


class Circle(models.Model):
    """A volunteer team, which is a unit that can be called, or a group of neighbours."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    tie = models.CharField(max_length=10, choices=Tie.choices)
    name = models.CharField(max_length=40)
    words = models.CharField(max_length=200, blank=True, default="")
    unit = models.OneToOneField(Unit, models.PROTECT, null=True, related_name="circle")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = CircleQuerySet.as_manager()

    class Meta:
        db_table = "circle"
        ordering = ["area_code", "tie", "name"]
        verbose_name = _("volunteer team or group")
        verbose_name_plural = _("volunteer teams and groups")
        constraints = [
            models.CheckConstraint(name="circle_in_a_community", condition=IN_A_COMMUNITY),
            models.CheckConstraint(name="circle_named", condition=~Q(name="")),
            models.CheckConstraint(name="circle_tie_known", condition=Q(tie__in=Tie.values)),
            models.CheckConstraint(
                name="circle_team_is_a_unit",
                condition=Q(tie="team", unit__isnull=False) | (~Q(tie="team") & Q(unit=None)),
            ),
            models.UniqueConstraint(
                name="circle_name_once",
                fields=["area_code", "name"],
                condition=Q(ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class JoiningState(models.TextChoices):
    ASKED = "asked", pgettext_lazy("neighbours", "waits to be accepted")
    IN = "in", pgettext_lazy("neighbours", "belongs to it")
    REFUSED = "refused", pgettext_lazy("neighbours", "not accepted")
    LEFT = "left", pgettext_lazy("neighbours", "left")


class Joining(models.Model):
    """报名: somebody signs up; the lead or the desk accepts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    circle = models.ForeignKey(Circle, models.CASCADE, related_name="joinings")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=JoiningState.choices, default=JoiningState.ASKED)
    leads = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")

    class Meta:
        db_table = "circle_joining"
        ordering = ["-leads", "asked_at", "id"]
        verbose_name = _("sign-up")
        verbose_name_plural = _("sign-ups")
        constraints = [
            models.CheckConstraint(
                name="circle_joining_state_known", condition=Q(state__in=JoiningState.values)
            ),
            models.CheckConstraint(
                name="circle_joining_lead_is_in", condition=Q(leads=False) | Q(state="in")
            ),
            models.UniqueConstraint(
                name="circle_joining_once",
                fields=["circle", "account"],
                condition=Q(state__in=["asked", "in"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.circle_id} {self.state}"


class CircleActivityQuerySet(models.QuerySet["CircleActivity"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(circle__in=Circle.objects.visible_to(actor))


class CircleActivity(models.Model):
    """活动: what a team or group does at a time and place, with so many places."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    circle = models.ForeignKey(Circle, models.CASCADE, related_name="activities")
    title = models.CharField(max_length=60)
    words = models.CharField(max_length=400, blank=True, default="")
    spot = models.CharField(max_length=60)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    places = models.PositiveSmallIntegerField()
    cancelled_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")

    objects = CircleActivityQuerySet.as_manager()

    class Meta:
        db_table = "circle_activity"
        ordering = ["begins_at", "id"]
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [
            models.CheckConstraint(name="circle_activity_titled", condition=~Q(title="")),
            models.CheckConstraint(
                name="circle_activity_ends_after_it_begins",
                condition=Q(ends_at__gt=F("begins_at")),
            ),
            models.CheckConstraint(
                name="circle_activity_places", condition=Q(places__range=(1, 500))
            ),
        ]
        indexes = [models.Index("area_code", "begins_at", name="circle_activity_of_area")]

    def __str__(self) -> str:
        return self.title


class AttendanceState(models.TextChoices):
    COMING = "coming", pgettext_lazy("neighbours", "signed up")
    OFF = "off", pgettext_lazy("neighbours", "signed off")
    CAME = "came", pgettext_lazy("neighbours", "was there")
    MISSED = "missed", pgettext_lazy("neighbours", "was not there")


class CircleAttendance(models.Model):
    """Somebody signed up for an activity; another says afterwards that they were there.

    Attributes:
        minutes: what counts, of who was there.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    activity = models.ForeignKey(CircleActivity, models.CASCADE, related_name="attendances")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    state = models.CharField(
        max_length=8, choices=AttendanceState.choices, default=AttendanceState.COMING
    )
    minutes = models.PositiveSmallIntegerField(default=0)
    signed_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "circle_attendance"
        ordering = ["signed_at", "id"]
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = [
            models.CheckConstraint(
                name="circle_attendance_state_known", condition=Q(state__in=AttendanceState.values)
            ),
            models.CheckConstraint(
                name="circle_attendance_counts_when_confirmed",
                condition=Q(state="came", minutes__gte=1, confirmed_by__isnull=False)
                | (~Q(state="came") & Q(minutes=0)),
            ),
            models.CheckConstraint(
                name="circle_attendance_not_ones_own",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("account")),
            ),
            models.UniqueConstraint(name="circle_attendance_once", fields=["activity", "account"]),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.state}"


class HoursCertificate(models.Model):
    """服务时长证明: the hours that somebody gave a team in a year, as a number to be checked.

    Attributes:
        code: what the QR code leads to; nobody guesses it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    number = models.CharField(max_length=30, unique=True)
    code = models.CharField(max_length=16, unique=True)
    circle = models.ForeignKey(Circle, models.PROTECT, related_name="certificates")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField()
    minutes = models.PositiveIntegerField()
    issued_at = models.DateTimeField()

    class Meta:
        db_table = "circle_certificate"
        ordering = ["-issued_at"]
        verbose_name = _("certificate of hours")
        verbose_name_plural = _("certificates of hours")
        constraints = [
            models.CheckConstraint(
                name="circle_certificate_some_hours", condition=Q(minutes__gte=1)
            ),
            models.UniqueConstraint(
                name="circle_certificate_once_for_the_hours",
                fields=["circle", "account", "year", "minutes"],
            ),
        ]

    def __str__(self) -> str:
        return self.number
