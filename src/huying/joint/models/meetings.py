"""联席会议: called, attended by organisations, minuted once; and what it resolved."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.branches.models import MemberOrganisation
from huying.joint.sight import is_office, of_organisation, seat_of
from huying.people.acting import Actor
from huying.people.models import Account, Role, Unit

IN_AN_AREA = Q(area_code__regex=r"^(\d{9}|\d{12})$") & Q(district_code=Left("area_code", 6))


class MeetingState(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("meeting", "called")
    CONFIRMED = "confirmed", pgettext_lazy("meeting", "minutes confirmed")
    CANCELLED = "cancelled", pgettext_lazy("meeting", "called off")


class JointMeetingQuerySet(models.QuerySet["JointMeeting"]):
    def visible_to(self, actor: Actor) -> Self:
        """An office sees its area's, and those to which organisations of its area are invited; a
        secretary those to which their organisation is."""
        if actor.is_system:
            return self
        invited = JointInvitation.objects.all()
        if is_office(actor):
            theirs = invited.filter(organisation__area_code__startswith=actor.area_code)
            return self.filter(
                Q(area_code__startswith=actor.area_code) | Q(pk__in=theirs.values("meeting"))
            )
        seat = seat_of(actor)
        if seat is None or actor.role == Role.MEMBER:
            return self.none()
        return self.filter(pk__in=invited.filter(of_organisation(seat)).values("meeting"))


class JointMeeting(models.Model):
    """A joint meeting of a community or a town.

    Attributes:
        chair: by office, not by name.
        agenda: its points, in order.
        draft: the minutes until they are confirmed; then they stand in `JointMinutes`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    title = models.CharField(max_length=60)
    begins_at = models.DateTimeField()
    spot = models.CharField(max_length=100)
    chair = models.CharField(max_length=60)
    agenda: models.JSONField[Any, Any] = models.JSONField(default=list)
    draft = models.TextField(blank=True, default="")
    state = models.CharField(
        max_length=10, choices=MeetingState.choices, default=MeetingState.PLANNED
    )
    reason = models.CharField(max_length=200, blank=True, default="")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = JointMeetingQuerySet.as_manager()

    class Meta:
        db_table = "joint_meeting"
        ordering = ["-begins_at", "-id"]
        verbose_name = _("joint meeting")
        verbose_name_plural = _("joint meetings")
        constraints = [
            models.CheckConstraint(name="joint_meeting_in_an_area", condition=IN_AN_AREA),
            models.CheckConstraint(name="joint_meeting_titled", condition=~Q(title="")),
            models.CheckConstraint(
                name="joint_meeting_state_known", condition=Q(state__in=MeetingState.values)
            ),
            models.CheckConstraint(
                name="joint_meeting_confirmed_at_a_time",
                condition=Q(state="confirmed", confirmed_at__isnull=False, draft="")
                | (~Q(state="confirmed") & Q(confirmed_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="joint_meeting_called_off_with_a_reason",
                condition=~Q(state="cancelled") | ~Q(reason=""),
            ),
        ]
        indexes = [models.Index("area_code", "begins_at", name="joint_meeting_of_area")]

    def __str__(self) -> str:
        return self.title


class Attendance(models.TextChoices):
    INVITED = "invited", pgettext_lazy("meeting", "invited")
    CAME = "came", pgettext_lazy("meeting", "came")
    EXCUSED = "excused", pgettext_lazy("meeting", "excused")
    ABSENT = "absent", pgettext_lazy("meeting", "absent")


class JointInvitation(models.Model):
    """A member organisation is invited, and came or did not.

    Attributes:
        who: by office.
        words: why it excused itself.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    meeting = models.ForeignKey(JointMeeting, models.CASCADE, related_name="invitations")
    organisation = models.ForeignKey(MemberOrganisation, models.PROTECT, related_name="+")
    attendance = models.CharField(
        max_length=8, choices=Attendance.choices, default=Attendance.INVITED
    )
    who = models.CharField(max_length=60, blank=True, default="")
    words = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        db_table = "joint_invitation"
        ordering = ["organisation__area_code", "organisation__name", "id"]
        constraints = [
            models.CheckConstraint(
                name="joint_invitation_attendance_known",
                condition=Q(attendance__in=Attendance.values),
            ),
            models.UniqueConstraint(
                name="joint_invitation_once", fields=["meeting", "organisation"]
            ),
        ]


class JointMinutes(models.Model):
    """会议纪要: written once when confirmed, and what is corrected later, after it.

    The application may erase a row and never change one.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    meeting = models.ForeignKey(JointMeeting, models.CASCADE, related_name="minutes")
    correction = models.BooleanField(default=False)
    words = models.TextField()
    at = models.DateTimeField()
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")

    class Meta:
        db_table = "joint_minutes"
        ordering = ["correction", "at", "id"]
        constraints = [
            models.CheckConstraint(name="joint_minutes_say_something", condition=~Q(words="")),
            models.UniqueConstraint(
                name="joint_minutes_once", fields=["meeting"], condition=Q(correction=False)
            ),
        ]


class ResolutionState(models.TextChoices):
    OPEN = "open", pgettext_lazy("resolution", "open")
    DONE = "done", pgettext_lazy("resolution", "done")
    DROPPED = "dropped", pgettext_lazy("resolution", "dropped")


class JointResolutionQuerySet(models.QuerySet["JointResolution"]):
    def visible_to(self, actor: Actor) -> Self:
        """An office sees its area's; others those for which their unit or organisation answers."""
        if actor.is_system:
            return self
        if is_office(actor):
            return self.filter(area_code__startswith=actor.area_code)
        return self.of(actor)

    def of(self, actor: Actor) -> Self:
        """Those for which the unit of the post answers, or the organisation whose branch it is."""
        unit = actor.unit_id if actor.role == Role.HANDLER else seat_of(actor)
        if unit is None or actor.role == Role.MEMBER:
            return self.none()
        return self.filter(Q(unit=unit) | of_organisation(unit))

    def open(self) -> Self:
        return self.filter(state=ResolutionState.OPEN)


class JointResolution(models.Model):
    """决议事项: what a meeting resolved, who answers for it, and by when.

    Attributes:
        unit, organisation: exactly one answers for it.
        told: what whoever answers for it last said of how it goes.
        outcome: what came of it, or why it was dropped.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    meeting = models.ForeignKey(JointMeeting, models.CASCADE, related_name="resolutions")
    number = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=300)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey(
        MemberOrganisation, models.PROTECT, null=True, related_name="+"
    )
    due_on = models.DateField()
    state = models.CharField(
        max_length=8, choices=ResolutionState.choices, default=ResolutionState.OPEN
    )
    told = models.CharField(max_length=400, blank=True, default="")
    told_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=400, blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = JointResolutionQuerySet.as_manager()

    class Meta:
        db_table = "joint_resolution"
        ordering = ["due_on", "id"]
        verbose_name = _("resolution")
        verbose_name_plural = _("resolutions")
        constraints = [
            models.CheckConstraint(name="joint_resolution_in_an_area", condition=IN_AN_AREA),
            models.CheckConstraint(name="joint_resolution_says_something", condition=~Q(words="")),
            models.CheckConstraint(
                name="joint_resolution_one_answers_for_it",
                condition=Q(unit__isnull=False, organisation__isnull=True)
                | Q(unit__isnull=True, organisation__isnull=False),
            ),
            models.CheckConstraint(
                name="joint_resolution_state_known", condition=Q(state__in=ResolutionState.values)
            ),
            models.CheckConstraint(
                name="joint_resolution_ends_with_words",
                condition=Q(state="open", ended_at__isnull=True, outcome="")
                | (~Q(state="open") & Q(ended_at__isnull=False) & ~Q(outcome="")),
            ),
            models.UniqueConstraint(name="joint_resolution_numbered", fields=["meeting", "number"]),
        ]
        indexes = [
            models.Index("due_on", name="joint_resolution_due", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.number}"

    @property
    def answering(self) -> str:
        """Who answers for it."""
        who = self.unit or self.organisation
        return who.name if who is not None else ""

    def is_overdue(self, today: date) -> bool:
        return self.state == ResolutionState.OPEN and self.due_on < today


class JointFollowUp(models.Model):
    """What a later meeting heard of a resolution."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    resolution = models.ForeignKey(JointResolution, models.CASCADE, related_name="follow_ups")
    meeting = models.ForeignKey(JointMeeting, models.CASCADE, related_name="follow_ups")
    words = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        db_table = "joint_follow_up"
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(name="joint_follow_up_says_something", condition=~Q(words="")),
            models.UniqueConstraint(name="joint_follow_up_once", fields=["resolution", "meeting"]),
        ]
