"""Formal supervision, instructions and meetings, as the database keeps them.

Their words stand in the case's texts, so that they can be erased; here stand who, when and what.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.cases.models import Case
from huying.cases.words import supervision_number
from huying.people.models import Account, Unit


class Cause(models.TextChoices):
    """What called for formal supervision."""

    OVERTIME = "overtime", _("the limit is used up many times over")
    REWORKS = "reworks", _("the check failed again")
    BY_HAND = "by_hand", _("ordered")


class Supervision(models.Model):
    """挂牌督办: a numbered order with a responsible leader and a new deadline, until it is lifted.

    ``office`` is the town (or the district) in whose series the number is: one series a year.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="supervisions")
    district_code = models.CharField(max_length=6)
    office = models.CharField(max_length=9)
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    cause = models.CharField(max_length=8, choices=Cause.choices)
    step = models.CharField(max_length=10, help_text="the state that the case was in")
    step_due = models.DateTimeField(null=True, help_text="the deadline that had passed")
    reworks = models.PositiveSmallIntegerField()
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    leader = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    seq = models.PositiveIntegerField(help_text="of the event that set it up")
    overdue_at = models.DateTimeField(null=True, help_text="when it was told that due_at passed")
    lifted_at = models.DateTimeField(null=True)
    lifted_seq = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "supervision"
        ordering = ["opened_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="supervision_number_once", fields=["office", "year", "serial"]
            ),
            models.UniqueConstraint(
                name="supervision_one_open", fields=["case"], condition=Q(lifted_at__isnull=True)
            ),
            models.CheckConstraint(
                name="supervision_due_ahead", condition=Q(due_at__gt=F("opened_at"))
            ),
            models.CheckConstraint(
                name="supervision_lifted_by_event",
                condition=Q(lifted_at__isnull=True, lifted_seq__isnull=True)
                | Q(lifted_at__gte=F("opened_at"), lifted_seq__gt=F("seq")),
            ),
        ]
        indexes = [
            models.Index("due_at", name="supervision_open", condition=Q(lifted_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def number(self) -> str:
        """As events keep it."""
        return f"{self.office}-{self.year}-{self.serial}"

    @property
    def title(self) -> str:
        """As people write it: 石碁镇督〔2026〕12号."""
        return supervision_number(self.number)

    @property
    def is_open(self) -> bool:
        return self.lifted_at is None


class Instruction(models.Model):
    """批示: a leader's words on a case, which the desk that holds it must answer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="instructions")
    district_code = models.CharField(max_length=6)
    leader = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    seq = models.PositiveIntegerField()
    overdue_at = models.DateTimeField(null=True, help_text="when it was told that due_at passed")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    answer_seq = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "instruction"
        ordering = ["given_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="instruction_answered_by_event",
                condition=Q(answered_at__isnull=True, answer_seq__isnull=True)
                | Q(answered_at__gte=F("given_at"), answer_seq__gt=F("seq")),
            ),
        ]
        indexes = [
            models.Index("due_at", name="instruction_open", condition=Q(answered_at__isnull=True))
        ]


class Meeting(models.Model):
    """会商: units that met over a case, and what they decided: who leads, and until when.

    ``ended_at``: a later meeting has taken its place, or the case has ended.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="meetings")
    district_code = models.CharField(max_length=6)
    held_at = models.DateTimeField()
    lead = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    members = models.ManyToManyField(Unit, related_name="+")
    due_at = models.DateTimeField()
    seq = models.PositiveIntegerField()
    overdue_at = models.DateTimeField(null=True, help_text="when it was told that due_at passed")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "meeting"
        ordering = ["held_at", "id"]
        constraints = [
            models.CheckConstraint(name="meeting_due_ahead", condition=Q(due_at__gt=F("held_at"))),
        ]
        indexes = [models.Index("due_at", name="meeting_open", condition=Q(ended_at__isnull=True))]
