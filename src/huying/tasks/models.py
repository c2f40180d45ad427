"""Tasks, the part that each grid has in one, what was done to it, and the words of it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left, Length
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.cases.models import Attachment, Case
from huying.catalogue.models import ItemVersion
from huying.forms.models import FormVersion
from huying.people.acting import Actor
from huying.people.models import ON_FOOT, Account, Role
from huying.tasks.deadlines import Span

LOOKING = frozenset(
    {
        *(Role.DISPATCHER, Role.CHECKER),
        *(Role.COMMUNITY_LEADER, Role.TOWN_LEADER, Role.DISTRICT_LEADER),
    }
)
"""Who sees to it that tasks are done."""


class State(models.TextChoices):
    """How far a grid's part of a task is."""

    OPEN = "open", _("to do")
    DONE = "done", _("done, to be looked at")
    PASSED = "passed", _("looked at and good")
    GIVEN_BACK = "given_back", _("given back")
    CANCELLED = "cancelled", _("recalled")


WAITING = frozenset({State.OPEN, State.GIVEN_BACK})
"""Of a part that is in one of these somebody has something to do still."""


class PartQuerySet(models.QuerySet["GridTask"]):
    def visible_to(self, actor: Actor) -> Self:
        """The parts that the present post may see: a grid's own, or those in a desk's area."""
        if actor.is_system:
            return self
        if actor.role not in ON_FOOT | LOOKING or not actor.area_code:
            return self.none()
        return self.filter(grid_code__startswith=actor.area_code)

    def to_climb(self, now: datetime) -> Self:
        """Those at which the system itself must look."""
        return self.filter(climb_at__lt=now)

    def late(self, now: datetime) -> Self:
        return self.filter(state=State.OPEN, due_at__lt=now)


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, actor: Actor) -> Self:
        """Tasks that the post's own office issued, or that a grid in its area has a part in."""
        if actor.is_system:
            return self
        parts = GridTask.objects.visible_to(actor).values("task")
        seen = Q(pk__in=parts)
        if actor.role in LOOKING:
            seen |= Q(issuer_code=actor.area_code)
        return self.filter(seen)


class Task(models.Model):
    """下达的任务: what an office wants done, by when, and what shows that it was done.

    Attributes:
        issuer_code: the town or district that issued it.
        photos_least: so many photos at least show that a part was done.
        form: what is asked besides, if anything.
        urged_at: when the office last pressed those who are not done.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    issuer_code = models.CharField(max_length=9)
    item_code = models.CharField(max_length=4)
    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+")
    title = models.CharField(max_length=60)
    words = models.TextField()
    photos_least = models.PositiveSmallIntegerField(default=1)
    form = models.ForeignKey(FormVersion, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    urged_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        db_table = "task"
        ordering = ["-issued_at", "-id"]
        verbose_name = _("task from above")
        verbose_name_plural = _("tasks from above")
        constraints = [
            models.CheckConstraint(
                name="task_of_publicity_or_special_work",
                condition=Q(item_code__regex=r"^0[34]\d\d$"),
            ),
            models.CheckConstraint(
                name="task_issued_by_town_or_district",
                condition=Q(issuer_code__regex=r"^(\d{6}|\d{9})$")
                & Q(district_code=Left("issuer_code", 6)),
            ),
            models.CheckConstraint(name="task_due_ahead", condition=Q(due_at__gt=F("issued_at"))),
            models.CheckConstraint(name="task_says_what", condition=~Q(title="") & ~Q(words="")),
            models.CheckConstraint(name="task_nine_photos", condition=Q(photos_least__lte=9)),
        ]
        indexes = [models.Index("issuer_code", "issued_at", name="task_of_office")]

    def __str__(self) -> str:
        return self.title


class GridTask(models.Model):
    """One grid's part of a task.

    Attributes:
        round: how often it was asked for again.
        answers: to the task's questions, as they were checked.
        rung: how far the deadline has climbed in this round.
        climb_at: when the system must look at it next; while it is open alone.
        sampled: drawn for a look at the evidence when it was done.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    task = models.ForeignKey(Task, models.CASCADE, related_name="parts")
    district_code = models.CharField(max_length=6)
    issuer_code = models.CharField(max_length=9)
    grid_code = models.CharField(max_length=15)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    round = models.PositiveSmallIntegerField(default=0)
    issued_at = models.DateTimeField(help_text="of this round")
    due_at = models.DateTimeField()
    rung = models.PositiveSmallIntegerField(default=0)
    climb_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    words = models.TextField(blank=True, default="")
    answers = models.JSONField(default=dict)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    sampled = models.BooleanField(default=False)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    last_seq = models.PositiveIntegerField(default=0)

    objects = PartQuerySet.as_manager()

    class Meta:
        db_table = "grid_task"
        ordering = ["grid_code"]
        verbose_name = _("part of a task")
        verbose_name_plural = _("parts of tasks")
        constraints = [
            models.UniqueConstraint(name="grid_task_once", fields=["task", "grid_code"]),
            models.CheckConstraint(
                name="grid_task_within_the_office",
                condition=Q(grid_code__regex=r"^\d{15}$")
                & Q(issuer_code=Left("grid_code", Length("issuer_code"))),
            ),
            models.CheckConstraint(name="grid_task_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="grid_task_due_ahead", condition=Q(due_at__gt=F("issued_at"))
            ),
            models.CheckConstraint(
                name="grid_task_done_by_somebody",
                condition=~Q(state__in=["done", "passed"])
                | Q(done_at__isnull=False, done_by__isnull=False) & ~Q(words=""),
            ),
            models.CheckConstraint(
                name="grid_task_looked_at_by_another",
                condition=~Q(state="passed")
                | Q(checked_at__isnull=False, checked_by__isnull=False)
                & ~Q(checked_by=F("done_by")),
            ),
            models.CheckConstraint(
                name="grid_task_climbs_while_open",
                condition=Q(climb_at__isnull=True) | Q(state="open"),
            ),
        ]
        indexes = [
            models.Index(
                "climb_at", name="grid_task_to_climb", condition=Q(climb_at__isnull=False)
            ),
            models.Index("grid_code", "due_at", name="grid_task_of_grid"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} {self.grid_code}"

    @property
    def span(self) -> Span:
        return Span(self.issued_at, self.due_at)


class TaskStep(models.Model):
    """One thing done to a grid's part. The application can add to it, and change nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    part = models.ForeignKey(GridTask, models.DO_NOTHING, related_name="steps")
    seq = models.PositiveIntegerField()
    verb = models.CharField(max_length=12)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    post_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "task_step"
        ordering = ["part_id", "seq"]
        constraints = [models.UniqueConstraint(name="task_step_once", fields=["part", "seq"])]


class TaskText(models.Model):
    """Words that came with a step, apart from the log: they can be erased."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    part = models.ForeignKey(GridTask, models.CASCADE, related_name="texts")
    seq = models.PositiveIntegerField(help_text="of the step it came with")
    body = models.TextField()

    class Meta:
        db_table = "task_text"
        constraints = [models.UniqueConstraint(name="task_text_once", fields=["part", "seq"])]


class TaskFile(models.Model):
    """A photo that shows a part done, or a sheet that the office sent along with the task."""

    attachment = models.OneToOneField(
        Attachment, models.PROTECT, primary_key=True, related_name="task_file"
    )
    task = models.ForeignKey(Task, models.CASCADE, related_name="files")
    part = models.ForeignKey(GridTask, models.CASCADE, null=True, related_name="files")
    round = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "task_file"
        ordering = ["attachment_id"]


class TaskCase(models.Model):
    """A case that somebody reported while doing a grid's part of a task."""

    case = models.OneToOneField(
        Case, models.CASCADE, primary_key=True, related_name="found_by_task"
    )
    part = models.ForeignKey(GridTask, models.CASCADE, related_name="found")

    class Meta:
        db_table = "task_case"
