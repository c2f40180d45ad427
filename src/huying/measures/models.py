"""What the database keeps of measures and evaluations."""

from __future__ import annotations

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.cases.models import Attachment
from huying.duties.sight import may_read
from huying.people.acting import Actor
from huying.people.models import Account, Unit


class InDistrictQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Whoever works in the district sees its plans and evaluations; they tell of no person."""
        if actor.is_system:
            return self
        return self.filter(district_code=actor.area_code[:6]) if may_read(actor) else self.none()


class MeasurePlan(models.Model):
    """行动方案: what the district has set out to do in some years."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    title = models.CharField(max_length=60)
    begins_on = models.DateField()
    ends_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")

    objects = InDistrictQuerySet.as_manager()

    class Meta:
        db_table = "measure_plan"
        ordering = ["-begins_on", "-id"]
        verbose_name = _("plan of measures")
        verbose_name_plural = _("plans of measures")
        constraints = [
            models.UniqueConstraint(name="measure_plan_once", fields=["district_code", "title"]),
            models.CheckConstraint(
                name="measure_plan_has_days", condition=Q(ends_on__gte=F("begins_on"))
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Measure(models.Model):
    """一条举措. How far it is follows from its milestones.

    Attributes:
        helpers: ids of other units that are responsible.
        dropped_at: when it was given up; ``outcome`` says why.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    plan = models.ForeignKey(MeasurePlan, models.CASCADE, related_name="measures")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=100)
    words = models.CharField(max_length=1000, blank=True, default="")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    helpers = ArrayField(models.BigIntegerField(), default=list)
    due_on = models.DateField()
    dropped_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=400, blank=True, default="")
    revision = models.PositiveIntegerField(default=1)

    objects = InDistrictQuerySet.as_manager()

    class Meta:
        db_table = "measure"
        ordering = ["number"]
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        constraints = [
            models.UniqueConstraint(name="measure_number_once", fields=["plan", "number"]),
            models.CheckConstraint(name="measure_titled", condition=~Q(title="") & Q(number__gt=0)),
            models.CheckConstraint(
                name="measure_dropped_with_words",
                condition=Q(dropped_at__isnull=True, outcome="")
                | Q(dropped_at__isnull=False) & ~Q(outcome=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class MeasureMilestone(models.Model):
    """节点: what is to be reached by a day, and what shows that it was.

    Attributes:
        evidence: in words; files stand beside it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    measure = models.ForeignKey(Measure, models.CASCADE, related_name="milestones")
    title = models.CharField(max_length=100)
    due_on = models.DateField()
    reached_on = models.DateField(null=True)
    reached_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    evidence = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        db_table = "measure_milestone"
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(name="measure_milestone_once", fields=["measure", "title"]),
            models.CheckConstraint(
                name="measure_milestone_reached_with_evidence",
                condition=~Q(title="") & (Q(reached_on__isnull=True) | ~Q(evidence="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class MeasureFile(models.Model):
    """A photo or document that shows that a milestone was reached."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    milestone = models.ForeignKey(MeasureMilestone, models.CASCADE, related_name="files")
    attachment = models.OneToOneField(Attachment, models.CASCADE, related_name="of_measure")
    at = models.DateTimeField()

    class Meta:
        db_table = "measure_file"
        ordering = ["at", "id"]


class MeasureReport(models.Model):
    """进展: how a measure goes, who said so, and when."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    measure = models.ForeignKey(Measure, models.CASCADE, related_name="reports")
    words = models.CharField(max_length=1000)
    at = models.DateTimeField()
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")

    class Meta:
        db_table = "measure_report"
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(name="measure_report_says_something", condition=~Q(words="")),
        ]


class EvaluationState(models.TextChoices):
    APPLIED = "applied", pgettext_lazy("evaluation", "to be decided")
    APPROVED = "approved", pgettext_lazy("evaluation", "approved")
    REFUSED = "refused", pgettext_lazy("evaluation", "refused")
    STRUCK = "struck", pgettext_lazy("evaluation", "struck off")


class Concerns(models.TextChoices):
    TOWNS = "towns", pgettext_lazy("evaluation", "towns")
    COMMUNITIES = "communities", pgettext_lazy("evaluation", "communities")
    WORKERS = "workers", pgettext_lazy("evaluation", "grid workers")
    DEPARTMENTS = "departments", pgettext_lazy("evaluation", "departments")


class Frequency(models.TextChoices):
    ONCE = "once", pgettext_lazy("evaluation", "once")
    YEARLY = "yearly", pgettext_lazy("evaluation", "once a year")
    HALF = "half", pgettext_lazy("evaluation", "twice a year")
    QUARTERLY = "quarterly", pgettext_lazy("evaluation", "every quarter")
    MONTHLY = "monthly", pgettext_lazy("evaluation", "every month")


class Evaluation(models.Model):
    """考核评比: who evaluates whom, on which basis, how often, and with how many papers.

    Attributes:
        towns: those that it concerns; empty: all.
        papers: how many papers it asks of each, each time.
        valid_until: its last day; after it, it is off the list by itself.
        words: of the decision.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    name = models.CharField(max_length=100)
    holder = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    concerns = models.CharField(max_length=12, choices=Concerns.choices)
    towns = ArrayField(models.CharField(max_length=9), default=list)
    basis = models.CharField(max_length=400)
    frequency = models.CharField(max_length=10, choices=Frequency.choices)
    papers = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    valid_until = models.DateField()
    state = models.CharField(
        max_length=8, choices=EvaluationState.choices, default=EvaluationState.APPLIED
    )
    applied_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=400, blank=True, default="")
    revision = models.PositiveIntegerField(default=1)

    objects = InDistrictQuerySet.as_manager()

    class Meta:
        db_table = "evaluation"
        ordering = ["valid_until", "name"]
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        constraints = [
            models.CheckConstraint(
                name="evaluation_says_what",
                condition=~Q(name="") & ~Q(basis="") & Q(valid_until__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="evaluation_decided_by_another",
                condition=Q(state="applied", decided_by__isnull=True)
                | Q(decided_by__isnull=False) & ~Q(decided_by=F("applied_by")) & ~Q(words=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EvaluationCap(models.Model):
    """How many evaluations the district allows in a year."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    year = models.PositiveSmallIntegerField()
    most = models.PositiveSmallIntegerField()
    set_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        db_table = "evaluation_cap"
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(
                name="evaluation_cap_of_a_year", fields=["district_code", "year"]
            ),
        ]
