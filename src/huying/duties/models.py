"""What the database keeps of responsibilities: lists in versions, and a log."""

from __future__ import annotations

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.duties.sight import may_draft
from huying.people.acting import Actor
from huying.people.models import Account


class DutyListQuerySet(models.QuerySet["DutyList"]):
    def visible_to(self, actor: Actor) -> Self:
        """What is published, in the whole district; a draft where one may work on it."""
        if actor.is_system:
            return self
        here = self.filter(district_code=actor.area_code[:6])
        published = Q(state=DutyList.State.PUBLISHED)
        if not may_draft(actor, actor.area_code):
            return here.filter(published)
        return here.filter(published | Q(area_code=actor.area_code))


class DutyList(models.Model):
    """职责清单 in one version: of the district, or of a town that has its own.

    Attributes:
        entries: as `listing.as_data` makes them.
        editors: the accounts that wrote in the draft; none of them publishes it.
        effective_from: the civil day from which it holds; the next version's day ends it.
        revision: counts the changes of a draft, so that a page made of an older one is told.
    """

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("duties", "draft")
        PUBLISHED = "published", pgettext_lazy("duties", "published")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=9)
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    entries: models.JSONField[Any, Any] = models.JSONField(default=list)
    editors = ArrayField(models.BigIntegerField(), default=list)
    begun_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    effective_from = models.DateField(null=True)
    revision = models.PositiveIntegerField(default=1)

    objects = DutyListQuerySet.as_manager()

    class Meta:
        db_table = "duty_list"
        ordering = ["area_code", "-version"]
        verbose_name = _("responsibility list")
        verbose_name_plural = _("responsibility lists")
        constraints = [
            models.CheckConstraint(
                name="duty_list_of_a_town_or_the_district",
                condition=Q(area_code__regex=r"^\d{6}(\d{3})?$")
                & Q(district_code=Left("area_code", 6)),
            ),
            models.UniqueConstraint(name="duty_list_version", fields=["area_code", "version"]),
            models.UniqueConstraint(
                name="duty_list_one_draft", fields=["area_code"], condition=Q(state="draft")
            ),
            models.CheckConstraint(
                name="duty_list_published_by_another",
                condition=Q(
                    state="draft",
                    published_by__isnull=True,
                    published_at__isnull=True,
                    effective_from__isnull=True,
                )
                | (
                    Q(state="published", published_at__isnull=False, effective_from__isnull=False)
                    & (
                        Q(begun_by__isnull=True)
                        | Q(published_by__isnull=False) & ~Q(published_by=F("begun_by"))
                    )
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_code} {self.version}"


class DutyStep(models.Model):
    """What was done to a list, an application or the map, by whom, when. Only added to.

    Attributes:
        subject, subject_id: the table and the row that it was done to.
        data: codes, numbers and days; no words.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    subject = models.CharField(max_length=24)
    subject_id = models.UUIDField()
    verb = models.CharField(max_length=24)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    post_id = models.BigIntegerField(null=True)
    data: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta:
        db_table = "duty_step"
        ordering = ["at", "id"]
        indexes = [models.Index("subject_id", "at", name="duty_step_of_subject")]
