"""What was decided about how long things are kept, what is held back, and what runs did."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.people.models import Account

LONGEST_DAYS = 36_500


class RetentionRule(models.Model):
    """What holds for one rule now; a rule without a row is off and has its days from the code."""

    code = models.CharField(primary_key=True, max_length=24)
    days = models.PositiveIntegerField()
    on = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "retention_rule"
        constraints = [
            models.CheckConstraint(
                name="retention_rule_days", condition=Q(days__range=(1, LONGEST_DAYS))
            )
        ]

    def __str__(self) -> str:
        return self.code


class RetentionChange(models.Model):
    """A change of a rule: who wanted it, and who else agreed where something goes earlier by it.

    Attributes:
        needs_two: whether data would go earlier than before, or for the first time.
        state: `asked` until a second administrator has decided.
    """

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("retention", "waits for a second administrator")
        DONE = "done", pgettext_lazy("retention", "in force")
        REFUSED = "refused", pgettext_lazy("retention", "not agreed to")
        WITHDRAWN = "withdrawn", pgettext_lazy("retention", "withdrawn")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    rule = models.CharField(max_length=24)
    days_before = models.PositiveIntegerField()
    on_before = models.BooleanField()
    days = models.PositiveIntegerField()
    on = models.BooleanField()
    needs_two = models.BooleanField()
    state = models.CharField(max_length=10, choices=State.choices)
    asked_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "retention_change"
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="retention_change_days", condition=Q(days__range=(1, LONGEST_DAYS))
            ),
            models.UniqueConstraint(
                name="retention_change_one_waits", fields=["rule"], condition=Q(state="asked")
            ),
            # What goes earlier takes two people, whatever the application thinks.
            models.CheckConstraint(
                name="retention_change_takes_two",
                condition=Q(needs_two=False)
                | Q(state__in=["asked", "withdrawn"])
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
            ),
            models.CheckConstraint(
                name="retention_change_says_if_earlier",
                condition=Q(needs_two=True)
                | Q(on=False)
                | Q(on_before=True, days__gte=F("days_before")),
            ),
        ]


class RetentionHold(models.Model):
    """One record that stays, whatever its age, until the hold is lifted.

    Attributes:
        subject, subject_id: ``case``, or a register's code, and the record's id.
        words: what it is about, for those who decide; gone when it is lifted.
    """

    class Reason(models.TextChoices):
        LITIGATION = "litigation", pgettext_lazy("hold", "litigation or review")
        INVESTIGATION = "investigation", pgettext_lazy("hold", "investigation or discipline")
        AUDIT = "audit", pgettext_lazy("hold", "audit or inspection")
        OTHER = "other", pgettext_lazy("hold", "another legal reason")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject = models.CharField(max_length=12)
    subject_id = models.UUIDField()
    reason = models.CharField(max_length=14, choices=Reason.choices)
    words = models.CharField(max_length=200, blank=True, default="")
    placed_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "retention_hold"
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="retention_hold_once",
                fields=["subject", "subject_id", "reason"],
                condition=Q(lifted_at__isnull=True),
            ),
            models.CheckConstraint(
                name="retention_hold_lifted_by_somebody",
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__gte=F("placed_at"), lifted_by__isnull=False, words=""),
            ),
        ]


class RetentionRun(models.Model):
    """One dry run or run, how far it is, and what it counted by rule; numbers and ids alone."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("retention", "waiting")
        RUNNING = "running", pgettext_lazy("retention", "running")
        DONE = "done", pgettext_lazy("retention", "done")
        FAILED = "failed", pgettext_lazy("retention", "failed")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dry = models.BooleanField()
    nightly = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices)
    asked_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    touched_at = models.DateTimeField(help_text="when the worker last told how far it is")
    ended_at = models.DateTimeField(null=True)
    rules: models.JSONField[Any, Any] = models.JSONField(help_text="codes")
    done = models.PositiveSmallIntegerField(default=0, help_text="rules that are through")
    result: models.JSONField[Any, Any] = models.JSONField(
        default=dict, help_text="by rule: due, gone, held, years, sample"
    )

    class Meta:
        db_table = "retention_run"
        ordering = ["-asked_at", "-id"]
        indexes = [models.Index(fields=["-asked_at"], name="retention_run_latest")]
        constraints = [
            # Two runs at once would count the same rows twice.
            models.UniqueConstraint(
                name="retention_run_one_at_a_time",
                fields=["dry"],
                condition=Q(state="running", dry=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M} {_('dry run') if self.dry else ''}"
