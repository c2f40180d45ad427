"""Reports that were made, each with the moment of its figures."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.people.acting import Actor
from huying.people.models import Account
from huying.reports import sight
from huying.reports.report import Report, read
from huying.reports.spans import Kind, Span


class MadeReportQuerySet(models.QuerySet["MadeReport"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the area, and of the areas in it, for who reads reports."""
        if actor.is_system:
            return self
        if not sight.may_look(actor):
            return self.none()
        return self.filter(district_code=actor.area_code[:6], area_code__startswith=actor.area_code)


class MadeReport(models.Model):
    """A report of an area on a week or month: asked for, being made, or made for good.

    Attributes:
        scheduled: made by itself when the span was over; one for each area and span.
        at: the moment by whose log it was made; what was learned later is another report's.
        content: the whole of it, from which page, PDF and Excel are made.
        done: how many of `STEPS` are behind.
    """

    STEPS = 5

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("being written")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    first = models.DateField()
    last = models.DateField()
    scheduled = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    done = models.PositiveSmallIntegerField(default=0)
    asked_by = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField()
    touched_at = models.DateTimeField(help_text="when the worker last told how far it is")
    at = models.DateTimeField(null=True, blank=True)
    content: Any = models.JSONField(null=True, blank=True)

    objects = MadeReportQuerySet.as_manager()

    class Meta:
        db_table = "made_report"
        ordering = ["-first", "area_code", "-asked_at"]
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        indexes = [models.Index(fields=["area_code", "-first"], name="made_report_of_area")]
        constraints = [
            models.UniqueConstraint(
                name="made_report_once_by_itself",
                fields=["kind", "area_code", "first"],
                condition=Q(scheduled=True),
            ),
            models.CheckConstraint(
                name="made_report_ready_is_whole",
                condition=Q(state="ready", content__isnull=False, at__isnull=False)
                | (~Q(state="ready") & Q(content__isnull=True, at__isnull=True)),
            ),
            models.CheckConstraint(name="made_report_span", condition=Q(last__gte=F("first"))),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.area_code} {self.first}"

    @property
    def span(self) -> Span:
        return Span(Kind(self.kind), self.first, self.last)

    @property
    def report(self) -> Report:
        """What it says.

        Raises:
            ValueError: it is not made yet.
        """
        if self.content is None:
            raise ValueError("not made yet")
        return read(self.content)
