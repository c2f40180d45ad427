"""What moves a case's deadlines or keeps it from closing, and the calendar they follow."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from huying.audit.identifiers import new_id
from huying.cases.models.case import Case


class Suspension(models.Model):
    """挂账: the clocks stand still from ``starts_at`` until it ends, by itself or by hand."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="suspensions")
    district_code = models.CharField(max_length=6)
    starts_at = models.DateTimeField()
    planned_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "suspension"
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(
                name="suspension_one_open", fields=["case"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="suspension_has_end", condition=Q(planned_until__gt=F("starts_at"))
            ),
        ]


class Extension(models.Model):
    """延期: more time for handling, asked for before the deadline and decided by the desk."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="extension_requests")
    district_code = models.CharField(max_length=6)
    asked_at = models.DateTimeField()
    asked_by = models.BigIntegerField(null=True)
    amount = models.PositiveSmallIntegerField()
    clock = models.CharField(max_length=14)
    decided_at = models.DateTimeField(null=True)
    granted = models.BooleanField(null=True)

    class Meta:
        db_table = "extension"
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(
                name="extension_one_open", fields=["case"], condition=Q(decided_at__isnull=True)
            ),
        ]


class CheckRound(models.Model):
    """核查: one round of checking, from the report that it is done to the checker's word.

    The time of a failed round is no part of the unit's handling time.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="check_rounds")
    district_code = models.CharField(max_length=6)
    starts_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    passed = models.BooleanField()

    class Meta:
        db_table = "check_round"
        ordering = ["starts_at"]


class Hold(models.Model):
    """Something of a later stage that keeps a case from closing until it is cleared."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="holds")
    district_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=24)
    ref = models.CharField(max_length=64)
    since = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "hold"
        constraints = [
            models.UniqueConstraint(
                name="hold_one_open_each",
                fields=["case", "kind", "ref"],
                condition=Q(cleared_at__isnull=True),
            ),
        ]


class CalendarFollowed(models.Model):
    """Which version of a district's working calendar the open cases' deadlines follow."""

    district_code = models.CharField(max_length=6, primary_key=True)
    version = models.CharField(max_length=64)

    class Meta:
        db_table = "calendar_followed"
