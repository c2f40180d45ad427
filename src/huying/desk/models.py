"""What the desk keeps for a person: their views of the queue, and lists asked for as a file."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.people.models import Account, Post, Role


class Export(models.Model):
    """A list of cases as an Excel file, made by the worker, kept for a day.

    The file holds what the post may see when it is written, not when it was asked for.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("being written")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Trouble(models.TextChoices):
        TOO_MANY = "too_many", _("These are too many cases for one file; please narrow the list.")
        NO_POST = "no_post", _("The post that asked for it has ended.")
        DISK = "disk", _("The file could not be written: is the disk full?")
        BROKEN = "broken", _("Something went wrong; the administrator finds more in the log.")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    query = models.TextField(blank=True, help_text="the queue's filters, as in its address")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    trouble = models.CharField(max_length=10, choices=Trouble.choices, blank=True, default="")
    total = models.PositiveIntegerField(default=0, help_text="rows to write")
    done = models.PositiveIntegerField(default=0, help_text="rows written")
    size = models.PositiveBigIntegerField(default=0, help_text="of the file, in bytes")
    asked_at = models.DateTimeField()
    touched_at = models.DateTimeField(help_text="when the worker last told how far it is")
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "export"
        indexes = [models.Index(fields=["account", "-asked_at"], name="export_of_account")]


class SavedView(models.Model):
    """A view of the queue under a name of one's own.

    It belongs to a person in a role for an area, whichever post carries that: a post that is
    renewed finds its views again, and another post of the same person has others.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    role = models.CharField(max_length=24, choices=Role.choices)
    area_code = models.CharField(max_length=15, blank=True)
    name = models.CharField(max_length=20)
    query = models.TextField(help_text="the queue's filters, as in its address")
    position = models.PositiveSmallIntegerField(help_text="its place among the post's views")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "saved_view"
        constraints = [
            # Asked at the end of a transaction: two views may change names with each other.
            models.UniqueConstraint(
                fields=["account", "role", "area_code", "name"],
                name="saved_view_name_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]
