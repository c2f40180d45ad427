"""What the desk keeps for its people: their views of the queue, lists asked for as a file, what
one shift tells the next, and who has which case open just now."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.cases.models import Case
from huying.notices.kinds import Group, kind
from huying.people.models import Account, Post, Role
from huying.response.whistles import Whistle


class Export(models.Model):
    """A list of cases as an Excel file, made by the worker, kept for a day.

    The file holds what the post may see when it is written, not when it was asked for.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("waiting for somebody to agree")
        REFUSED = "refused", _("not agreed to")
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
    with_contacts = models.BooleanField(default=False, db_default=False)
    purpose = models.CharField(max_length=20, blank=True, default="", db_default="")
    frozen: Any = models.JSONField(
        null=True, blank=True, help_text="the ids of the cases that were asked for and agreed to"
    )
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField()
    touched_at = models.DateTimeField(help_text="when the worker last told how far it is")
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "export"
        indexes = [models.Index(fields=["account", "-asked_at"], name="export_of_account")]
        constraints = [
            models.CheckConstraint(
                name="export_of_contacts_takes_two",
                condition=Q(with_contacts=False)
                | Q(state__in=["asked", "cancelled"])
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("account"))),
            )
        ]


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


class MatterSort(models.TextChoices):
    """Why an open matter is told to the next shift; what presses most comes first."""

    EMERGENCY = "emergency", _("Open emergencies")
    OVERDUE = "overdue", _("Overdue")
    DUE = "due", _("Due within the next shift")
    WHISTLE = "whistle", _("Whistles unanswered")
    UNSIGNED = "unsigned", _("Not signed for")
    SUPERVISED = "supervised", _("Supervisions running")
    WAKES = "wakes", _("Suspensions that end")
    WATCHED = "watched", _("Marked to watch")


HANDED_OVER = kind(
    "handover",
    pgettext_lazy("notice", "Shift handover"),
    _("{desk}: the last shift has left you a note with {n} open matters; please take over."),
    group=Group.DESK,
)
TAKEN_OVER = kind(
    "handover_taken",
    pgettext_lazy("notice", "Shift taken over"),
    _("{desk}: your handover note was taken over at {at}."),
    group=Group.DESK,
)


class Handover(models.Model):
    """交班: what the dispatchers of a desk who end their shift tell those who come.

    Written once and never changed, which the application's rights in the database see to; the same
    person may write a later one in its place until somebody has taken over. Words stand in rows of
    their own, which can be erased.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12, help_text="of the desk")
    serial = models.PositiveIntegerField(help_text="the desk's own count of its notes")
    written_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    to = models.ForeignKey(
        Account, models.PROTECT, null=True, related_name="+", help_text="nobody: whoever comes"
    )
    written_at = models.DateTimeField()
    next_ends_at = models.DateTimeField(help_text="when the shift that it is for ends")

    class Meta:
        db_table = "handover"
        ordering = ["-serial"]
        constraints = [
            # Two who write at once: the second one is told that there is a note already.
            models.UniqueConstraint(name="handover_serial_once", fields=["area_code", "serial"]),
            models.CheckConstraint(name="handover_serial_from_1", condition=Q(serial__gte=1)),
            models.CheckConstraint(name="handover_to_another", condition=~Q(to=F("written_by"))),
            models.CheckConstraint(
                name="handover_for_what_comes", condition=Q(next_ends_at__gt=F("written_at"))
            ),
        ]

    @property
    def incoming(self) -> str:
        """To whom it is handed over, as pages say it."""
        return str(self.to or _("whoever comes next"))


class HandoverMatter(models.Model):
    """One open matter of a note as it stood then: a case, or a standing problem's whistle.

    The case is named without a reference in the database: the note stays whole without it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="matters")
    position = models.PositiveSmallIntegerField()
    sort = models.CharField(max_length=10, choices=MatterSort.choices)
    case = models.ForeignKey(
        Case, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    number = models.CharField(max_length=25, blank=True)
    item_code = models.CharField(max_length=4, blank=True)
    state = models.CharField(max_length=10, blank=True)
    whistle = models.ForeignKey(
        Whistle, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    due_at = models.DateTimeField(null=True)
    ticked = models.BooleanField(help_text="handed over, not left out")

    class Meta:
        db_table = "handover_matter"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                name="handover_matter_position_once", fields=["handover", "position"]
            ),
            models.CheckConstraint(
                name="handover_matter_sort_known", condition=Q(sort__in=MatterSort.values)
            ),
            models.CheckConstraint(
                name="handover_matter_of_a_case_or_whistle",
                condition=Q(case__isnull=False, whistle__isnull=True) & ~Q(number="")
                | Q(case__isnull=True, whistle__isnull=False, number=""),
            ),
        ]


class HandoverText(models.Model):
    """Words of a note: free ones, a remark on a matter, or why it is watched. Erasable."""

    class Kind(models.TextChoices):
        FREE = "free", _("free words")
        REMARK = "remark", _("Remark")
        WATCH = "watch", _("why it is watched")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="texts")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    matter = models.ForeignKey(HandoverMatter, models.CASCADE, null=True, related_name="texts")
    body = models.TextField()

    class Meta:
        db_table = "handover_text"
        constraints = [
            models.UniqueConstraint(
                name="handover_text_once",
                fields=["handover", "kind", "matter"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="handover_text_free_or_of_a_matter",
                condition=Q(kind="free", matter__isnull=True)
                | Q(kind__in=["remark", "watch"], matter__isnull=False),
            ),
        ]


class HandoverTaking(models.Model):
    """接班: who took a note over, and when. Once, and for good."""

    handover = models.OneToOneField(
        Handover, models.CASCADE, primary_key=True, related_name="taking"
    )
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()

    class Meta:
        db_table = "handover_taking"


class WatchMark(models.Model):
    """待关注: a case that a desk wants its next shifts to look after, with a line of words."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12, help_text="of the desk")
    case = models.ForeignKey(Case, models.CASCADE, related_name="watch_marks")
    marked_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()
    words = models.CharField(max_length=120)

    class Meta:
        db_table = "watch_mark"
        constraints = [
            models.UniqueConstraint(name="watch_mark_once", fields=["area_code", "case"]),
            models.CheckConstraint(name="watch_mark_says_why", condition=~Q(words="")),
        ]


class Presence(models.Model):
    """Who has which case open just now, one row a page; swept soon after, and never history.

    The table is unlogged and knows no references: to write it costs next to nothing.
    """

    tab = models.UUIDField(primary_key=True, help_text="made up by the page")
    case = models.ForeignKey(Case, models.DO_NOTHING, db_constraint=False, db_index=False)
    account = models.ForeignKey(Account, models.DO_NOTHING, db_constraint=False, db_index=False)
    doing = models.CharField(max_length=24, blank=True, help_text="the verb whose form is open")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "presence"
