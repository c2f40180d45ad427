"""需求清单 and 项目清单: what is needed, and what is done about it together."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.branches.models import MemberOrganisation
from huying.joint.models.resources import IN_A_COMMUNITY, Kind, SharedResource
from huying.joint.sight import is_office, near, seat_of
from huying.neighbours.models import Suggestion, Wish
from huying.people.acting import Actor
from huying.people.models import Account, Unit


class AroundQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """An office sees its area's; who books for a branch or team, what is around it."""
        if actor.is_system:
            return self
        if is_office(actor):
            return self.filter(area_code__startswith=actor.area_code)
        return self.filter(near(actor)) if seat_of(actor) is not None else self.none()


class NeedState(models.TextChoices):
    OPEN = "open", pgettext_lazy("need", "open")
    MATCHED = "matched", pgettext_lazy("need", "in a project")
    MET = "met", pgettext_lazy("need", "met")
    DROPPED = "dropped", pgettext_lazy("need", "dropped")


class JointNeed(models.Model):
    """需求: something that is wanted of the organisations.

    Attributes:
        unit: the branch that wants it; none: the community.
        suggestion, wish: where it comes from, if from one of these.
        wanted_by: by when.
        outcome: how it was met, or why it was dropped.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    title = models.CharField(max_length=60)
    words = models.CharField(max_length=400, blank=True, default="")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    suggestion = models.ForeignKey(Suggestion, models.SET_NULL, null=True, related_name="+")
    wish = models.ForeignKey(Wish, models.SET_NULL, null=True, related_name="+")
    wanted_by = models.DateField(null=True)
    state = models.CharField(max_length=8, choices=NeedState.choices, default=NeedState.OPEN)
    outcome = models.CharField(max_length=200, blank=True, default="")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = AroundQuerySet.as_manager()

    class Meta:
        db_table = "joint_need"
        ordering = ["-made_at", "-id"]
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        constraints = [
            models.CheckConstraint(name="joint_need_in_a_community", condition=IN_A_COMMUNITY),
            models.CheckConstraint(name="joint_need_titled", condition=~Q(title="")),
            models.CheckConstraint(name="joint_need_kind_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="joint_need_of_one_source",
                condition=Q(suggestion__isnull=True) | Q(wish__isnull=True),
            ),
            models.CheckConstraint(
                name="joint_need_ends_with_words",
                condition=Q(state__in=["open", "matched"], ended_at__isnull=True)
                | (Q(state__in=["met", "dropped"], ended_at__isnull=False) & ~Q(outcome="")),
            ),
        ]
        indexes = [models.Index("area_code", "state", name="joint_need_of_area")]

    def __str__(self) -> str:
        return self.title


class ProjectState(models.TextChoices):
    RUNNING = "running", pgettext_lazy("project", "running")
    DONE = "done", pgettext_lazy("project", "done")
    DROPPED = "dropped", pgettext_lazy("project", "dropped")


class JointProjectQuerySet(AroundQuerySet):
    def public(self) -> Self:
        """What everybody may read."""
        return self.filter(published_at__isnull=False).exclude(state=ProjectState.DROPPED)


class JointProject(models.Model):
    """项目: needs and resources brought together, with who leads and who helps.

    Attributes:
        words: what it is, for everybody to read once it is published.
        unit, organisation: exactly one leads it.
        wish: how it can be claimed by members and volunteers; that page has claims and results.
        outcome: what came of it, or why it was dropped.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    title = models.CharField(max_length=60)
    words = models.CharField(max_length=1000)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey(
        MemberOrganisation, models.PROTECT, null=True, related_name="+"
    )
    state = models.CharField(
        max_length=8, choices=ProjectState.choices, default=ProjectState.RUNNING
    )
    outcome = models.CharField(max_length=1000, blank=True, default="")
    wish = models.OneToOneField(Wish, models.SET_NULL, null=True, related_name="joint_project")
    published_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = JointProjectQuerySet.as_manager()

    class Meta:
        db_table = "joint_project"
        ordering = ["-made_at", "-id"]
        verbose_name = _("joint project")
        verbose_name_plural = _("joint projects")
        constraints = [
            models.CheckConstraint(name="joint_project_in_a_community", condition=IN_A_COMMUNITY),
            models.CheckConstraint(
                name="joint_project_says_what", condition=~Q(title="") & ~Q(words="")
            ),
            models.CheckConstraint(
                name="joint_project_one_leads",
                condition=Q(unit__isnull=False, organisation__isnull=True)
                | Q(unit__isnull=True, organisation__isnull=False),
            ),
            models.CheckConstraint(
                name="joint_project_ends_with_words",
                condition=Q(state="running", ended_at__isnull=True, outcome="")
                | (Q(state__in=["done", "dropped"], ended_at__isnull=False) & ~Q(outcome="")),
            ),
        ]
        indexes = [models.Index("area_code", "state", name="joint_project_of_area")]

    def __str__(self) -> str:
        return self.title

    @property
    def lead(self) -> str:
        who = self.unit or self.organisation
        return who.name if who is not None else ""


_ONE_OF: Final = (
    Q(need__isnull=False, resource__isnull=True, organisation__isnull=True)
    | Q(need__isnull=True, resource__isnull=False, organisation__isnull=True)
    | Q(need__isnull=True, resource__isnull=True, organisation__isnull=False)
)


class JointPart(models.Model):
    """A need that a project meets, a resource that it uses, or an organisation that helps."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    project = models.ForeignKey(JointProject, models.CASCADE, related_name="parts")
    need = models.ForeignKey(JointNeed, models.PROTECT, null=True, related_name="parts")
    resource = models.ForeignKey(SharedResource, models.PROTECT, null=True, related_name="parts")
    organisation = models.ForeignKey(
        MemberOrganisation, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        db_table = "joint_part"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="joint_part_one_thing", condition=_ONE_OF),
            models.UniqueConstraint(name="joint_part_need_once", fields=["need"]),
            models.UniqueConstraint(
                name="joint_part_resource_once", fields=["project", "resource"]
            ),
            models.UniqueConstraint(
                name="joint_part_organisation_once", fields=["project", "organisation"]
            ),
        ]


class JointMilestone(models.Model):
    """节点: what is to be reached by a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    project = models.ForeignKey(JointProject, models.CASCADE, related_name="milestones")
    title = models.CharField(max_length=60)
    due_on = models.DateField()
    reached_on = models.DateField(null=True)

    class Meta:
        db_table = "joint_milestone"
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(name="joint_milestone_titled", condition=~Q(title="")),
            models.UniqueConstraint(name="joint_milestone_once", fields=["project", "title"]),
        ]

    def is_overdue(self, today: date) -> bool:
        return self.reached_on is None and self.due_on < today


class JointWord(models.Model):
    """进展: a word on how a project goes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    project = models.ForeignKey(JointProject, models.CASCADE, related_name="progress")
    words = models.CharField(max_length=400)
    at = models.DateTimeField()
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")

    class Meta:
        db_table = "joint_word"
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(name="joint_word_says_something", condition=~Q(words="")),
        ]
