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
from huying.duties.sight import applies, is_district_office, is_town_office, may_draft
from huying.people.acting import Actor
from huying.people.models import Account, Unit


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


class AdmissionState(models.TextChoices):
    SUBMITTED = "submitted", pgettext_lazy("admission", "in pre-review")
    RETURNED = "returned", pgettext_lazy("admission", "to be completed")
    REVIEWED = "reviewed", pgettext_lazy("admission", "to be decided")
    TRIAL = "trial", pgettext_lazy("admission", "on trial")
    ADMITTED = "admitted", pgettext_lazy("admission", "admitted")
    ENDED = "ended", pgettext_lazy("admission", "ended after the trial")
    REFUSED = "refused", pgettext_lazy("admission", "refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("admission", "withdrawn")


class AdmissionQuerySet(models.QuerySet["Admission"]):
    def visible_to(self, actor: Actor) -> Self:
        """The unit that applies its own; the district's office all; a town's what it tries."""
        if actor.is_system:
            return self
        if is_district_office(actor):
            return self.filter(district_code=actor.area_code[:6])
        if is_town_office(actor):
            tried = Q(trial_towns__contains=[actor.area_code])
            return self.filter(district_code=actor.area_code[:6]).filter(
                tried | Q(state=AdmissionState.ADMITTED)
            )
        if applies(actor):
            return self.filter(unit=actor.unit_id)
        return self.none()


class Admission(models.Model):
    """准入申请: a department wants a new item in the grid.

    Attributes:
        proposed: what the item would state, by the fields of `ItemVersion`.
        duties: what the grid's people would do; ``flow``: how it runs; ``resources``: people, money
            and training given along; ``basis``: law or policy.
        item_code: the item that is on trial, or was.
        review_due, decide_due: the last days of the step that it is in.
        reviewed_by, decided_by: who let it pass the pre-review, who let the trial begin.
        effective_from: from when it is in use everywhere.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    category_code = models.CharField(max_length=2)
    proposed: models.JSONField[Any, Any] = models.JSONField(default=dict)
    duties = models.CharField(max_length=1000)
    flow = models.CharField(max_length=1000)
    resources = models.CharField(max_length=1000)
    basis = models.CharField(max_length=1000)
    state = models.CharField(
        max_length=10, choices=AdmissionState.choices, default=AdmissionState.SUBMITTED
    )
    review_due = models.DateField(null=True)
    decide_due = models.DateField(null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    reviewed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    item_code = models.CharField(max_length=4, blank=True, default="")
    trial_towns = ArrayField(models.CharField(max_length=9), default=list)
    trial_from = models.DateField(null=True)
    trial_until = models.DateField(null=True)
    effective_from = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1)

    objects = AdmissionQuerySet.as_manager()

    class Meta:
        db_table = "admission"
        ordering = ["-made_at", "-id"]
        verbose_name = _("application for admission")
        verbose_name_plural = _("applications for admission")
        constraints = [
            models.CheckConstraint(
                name="admission_by_three",
                condition=(Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("made_by")))
                & (
                    Q(decided_by__isnull=True)
                    | ~Q(decided_by=F("made_by")) & ~Q(decided_by=F("reviewed_by"))
                ),
            ),
            models.CheckConstraint(
                name="admission_on_trial_has_towns_and_days",
                condition=~Q(state__in=["trial", "admitted", "ended"])
                | Q(
                    decided_by__isnull=False,
                    trial_from__isnull=False,
                    trial_until__gte=F("trial_from"),
                    trial_towns__len__gt=0,
                )
                & ~Q(item_code=""),
            ),
            models.CheckConstraint(
                name="admission_admitted_from_a_day",
                condition=Q(state="admitted", effective_from__isnull=False)
                | ~Q(state="admitted") & Q(effective_from__isnull=True),
            ),
            models.UniqueConstraint(
                name="admission_of_an_item_once", fields=["item_code"], condition=~Q(item_code="")
            ),
        ]
        indexes = [models.Index("district_code", "state", name="admission_of_district")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return str(self.proposed.get("name", ""))


class AdmissionWord(models.Model):
    """A word on an application: a comment, why it goes back, why it is decided so."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    admission = models.ForeignKey(Admission, models.CASCADE, related_name="words")
    verb = models.CharField(max_length=12)
    words = models.CharField(max_length=1000)
    at = models.DateTimeField()
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "admission_word"
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(name="admission_word_says_something", condition=~Q(words="")),
        ]


class OldItem(models.Model):
    """旧事项: what an item of an old system has become. Rows that ended are its history.

    Attributes:
        code: in the old system, if it had one.
        item_code: of the catalogue.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    code = models.CharField(max_length=40, blank=True, default="")
    name = models.CharField(max_length=100)
    item_code = models.CharField(max_length=4)
    since = models.DateTimeField()
    by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "old_item"
        ordering = ["item_code", "name"]
        verbose_name = _("old item")
        verbose_name_plural = _("old items")
        constraints = [
            models.CheckConstraint(name="old_item_named", condition=~Q(name="")),
            models.UniqueConstraint(
                name="old_item_name_once",
                fields=["district_code", "name"],
                condition=Q(ended_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="old_item_code_once",
                fields=["district_code", "code"],
                condition=Q(ended_at__isnull=True) & ~Q(code=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name


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
