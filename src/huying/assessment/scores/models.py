"""Score sheets, closed months, both sides' ratings and vetoes, as the database keeps them."""

from __future__ import annotations

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from huying.assessment.models import ClosedPeriod
from huying.assessment.scores.kinds import Kind
from huying.audit.identifiers import new_id
from huying.cases.models import Attachment, Case
from huying.people.acting import Actor
from huying.people.models import LEADERS, Account, Role, Unit


class ScoreSheet(models.Model):
    """One version of how a kind of subject is scored: a draft, proposed, then in force for good.

    Attributes:
        since: the first month that it holds for.
        edited_by: everybody who had a hand in the draft; none of them can approve it.
    """

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("score sheet", "draft")
        PROPOSED = "proposed", pgettext_lazy("score sheet", "waits for a second person")
        APPROVED = "approved", pgettext_lazy("score sheet", "approved")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    body: models.JSONField[Any, Any] = models.JSONField(help_text="as scores.sheets writes it")
    since = models.DateField(null=True)
    edited_by = ArrayField(models.BigIntegerField(), default=list)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "score_sheet"
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(
                name="score_sheet_version_once", fields=["district_code", "kind", "version"]
            ),
            models.UniqueConstraint(
                name="score_sheet_one_in_the_making",
                fields=["district_code", "kind"],
                condition=~Q(state="approved"),
            ),
            models.CheckConstraint(
                name="score_sheet_kind_known", condition=Q(kind__in=Kind.values)
            ),
            models.CheckConstraint(
                name="score_sheet_from_a_first", condition=Q(since=None) | Q(since__day=1)
            ),
            models.CheckConstraint(
                name="score_sheet_takes_two",
                condition=~Q(state="approved")
                | (
                    Q(proposed_by__isnull=False, approved_by__isnull=False, since__isnull=False)
                    & ~Q(approved_by=F("proposed_by"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"


class ClosedMonth(models.Model):
    """A month whose scores stand: written once.

    Attributes:
        at: the figures are those of the log at this moment.
        period: the closed figures that the scores rest on; none where they were closed before
            there was one.
        closed_at: when the scores were written: ratings and vetoes are those of then.
        sheets: by kind, the version and the sheet itself.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    month = models.DateField()
    at = models.DateTimeField()
    period = models.ForeignKey(ClosedPeriod, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    sheets: models.JSONField[Any, Any] = models.JSONField()

    class Meta:
        db_table = "score_month"
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(name="score_month_once", fields=["district_code", "month"]),
            models.CheckConstraint(name="score_month_a_first", condition=Q(month__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class ClosedScore(models.Model):
    """A subject's score of a closed month, with everything it was worked out from: written once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    closed = models.ForeignKey(ClosedMonth, models.PROTECT, related_name="scores")
    district_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    subject = models.CharField(max_length=20, help_text="a code or a number")
    area_code = models.CharField(max_length=15)
    total = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    grade = models.CharField(max_length=1, blank=True, default="")
    vetoed = models.BooleanField(default=False)
    body: models.JSONField[Any, Any] = models.JSONField(help_text="lines and ratings")

    class Meta:
        db_table = "score_closed"
        constraints = [
            models.UniqueConstraint(name="score_closed_once", fields=["closed", "kind", "subject"]),
            models.CheckConstraint(
                name="score_closed_grade_of_a_total",
                condition=Q(total__isnull=True, grade="")
                | Q(total__isnull=False, grade__in=list("ABCDE")),
            ),
            models.CheckConstraint(
                name="score_closed_veto_is_zero", condition=Q(vetoed=False) | Q(total=0, grade="E")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


STARS = (1, 5)
LOW = 2
"""Two stars and fewer need a reason."""


class UnitRating(models.Model):
    """What a town or community thinks of a department in a month."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    month = models.DateField()
    rater_code = models.CharField(max_length=12, help_text="of the town or community")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="ratings")
    speed = models.PositiveSmallIntegerField()
    quality = models.PositiveSmallIntegerField()
    manner = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=200, blank=True, default="")
    rated_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    rated_at = models.DateTimeField()

    class Meta:
        db_table = "unit_rating"
        constraints = [
            models.UniqueConstraint(
                name="unit_rating_once_a_body", fields=["month", "rater_code", "unit"]
            ),
            models.CheckConstraint(
                name="unit_rating_stars",
                condition=Q(speed__range=STARS, quality__range=STARS, manner__range=STARS),
            ),
            models.CheckConstraint(
                name="unit_rating_low_has_a_reason",
                condition=Q(speed__gt=LOW, quality__gt=LOW, manner__gt=LOW) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="unit_rating_by_a_town_or_community",
                condition=Q(rater_code__regex=r"^(\d{9}|\d{12})$", month__day=1),
            ),
        ]
        indexes = [models.Index("district_code", "month", name="unit_rating_of_month")]

    def __str__(self) -> str:
        return f"{self.rater_code} {self.month:%Y-%m}"


class ReportRating(models.Model):
    """What a department thinks of the report that it got: place, item and evidence, right or not.

    It speaks of who found the matter and of the desk that sent it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    month = models.DateField()
    case = models.ForeignKey(Case, models.CASCADE, related_name="report_ratings")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    holder_code = models.CharField(max_length=12)
    reporter = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    place = models.BooleanField()
    item = models.BooleanField()
    evidence = models.BooleanField()
    rated_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    rated_at = models.DateTimeField()

    class Meta:
        db_table = "report_rating"
        constraints = [
            models.UniqueConstraint(name="report_rating_once_a_unit", fields=["case", "unit"]),
            models.CheckConstraint(
                name="report_rating_not_of_oneself",
                condition=Q(reporter=None) | ~Q(reporter=F("rated_by")),
            ),
            models.CheckConstraint(name="report_rating_a_first", condition=Q(month__day=1)),
        ]
        indexes = [models.Index("district_code", "month", name="report_rating_of_month")]

    def __str__(self) -> str:
        return str(self.case_id)

    @property
    def right(self) -> int:
        """How many of the three were right."""
        return self.place + self.item + self.evidence


class ScoreVetoQuerySet(models.QuerySet["ScoreVeto"]):
    def visible_to(self, actor: Actor) -> Self:
        """Whoever sees the score sees what put it to zero."""
        if actor.is_system:
            return self
        mine = Q(kind__in=[Kind.WORKER, Kind.DISPATCHER], subject=str(actor.account_id))
        if actor.role == Role.HANDLER:
            mine |= Q(kind__in=[Kind.UNIT, Kind.BRANCH], subject=str(actor.unit_id))
        if actor.role == Role.AUDITOR or actor.role in LEADERS:
            mine |= Q(area_code__startswith=actor.area_code)
        elif actor.role == Role.DISPATCHER:
            below = Q(area_code__startswith=actor.area_code)
            mine |= below & ~Q(kind=Kind.DISPATCHER)
            mine |= below & ~Q(area_code=actor.area_code)
        return self.filter(mine, district_code=actor.area_code[:6])

    def holding(self) -> Self:
        """Those that put a period to zero now."""
        return self.filter(state=ScoreVeto.State.APPROVED)


class ScoreVeto(models.Model):
    """一票否决: a subject's month is put to zero. Proposed by one, decided by another.

    Attributes:
        ground: a code of `data/veto_grounds.csv`.
        words: what happened, and how it is known.
        cases: the cases that show it.
        lifted_by: who took it back; none where an appeal did.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("veto", "to be decided")
        APPROVED = "approved", pgettext_lazy("veto", "in force")
        REFUSED = "refused", pgettext_lazy("veto", "not agreed to")
        WITHDRAWN = "withdrawn", pgettext_lazy("veto", "withdrawn")
        LIFTED = "lifted", pgettext_lazy("veto", "lifted")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    subject = models.CharField(max_length=20)
    area_code = models.CharField(max_length=15)
    month = models.DateField()
    ground = models.CharField(max_length=20)
    words = models.CharField(max_length=500)
    cases = ArrayField(models.UUIDField(), default=list, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=200, blank=True, default="")
    lifted_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_why = models.CharField(max_length=200, blank=True, default="")

    objects = ScoreVetoQuerySet.as_manager()

    class Meta:
        db_table = "score_veto"
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="score_veto_one_a_month",
                fields=["kind", "subject", "month"],
                condition=Q(state__in=["proposed", "approved"]),
            ),
            models.CheckConstraint(
                name="score_veto_takes_two",
                condition=Q(state__in=["proposed", "withdrawn"])
                | (
                    Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(decided_by=F("proposed_by"))
                ),
            ),
            models.CheckConstraint(
                name="score_veto_says_why", condition=~Q(words="") & Q(month__day=1)
            ),
            models.CheckConstraint(
                name="score_veto_lifted_with_a_reason",
                condition=Q(lifted_at__isnull=True, lifted_why="") & ~Q(state="lifted")
                | Q(state="lifted", lifted_at__isnull=False) & ~Q(lifted_why=""),
            ),
        ]
        indexes = [models.Index("district_code", "month", name="score_veto_of_month")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.month:%Y-%m}"


class ScoreVetoFile(models.Model):
    """A picture that shows what a veto says."""

    attachment = models.OneToOneField(
        Attachment, models.PROTECT, primary_key=True, related_name="score_veto_file"
    )
    veto = models.ForeignKey(ScoreVeto, models.CASCADE, related_name="files")
    district_code = models.CharField(max_length=6)

    class Meta:
        db_table = "score_veto_file"

    def __str__(self) -> str:
        return str(self.attachment_id)
