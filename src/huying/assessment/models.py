"""What the figures are read from: facts, their sums by day, and how far they follow the events.

All of it is worked out from the event log and can be thrown away and made anew
(`huying rollups rebuild`), but for the closed periods: those were told to people.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.cases.states import State


class TallyFact(models.Model):
    """One thing that counts, and from when to when it was held to.

    It counts on ``day`` for whoever asks between ``from_at`` and ``until_at``: from the moment on
    at which the log said so and its deadline had come, until the log said otherwise. What was never
    held to at any moment is not kept.

    Attributes:
        number: within the case; given once.
        seq: the event that it hangs on.
        tallies: all that it counts as.
        due: its deadline; empty for what simply happened.
        until_at: empty while it holds.
    """

    pk = models.CompositePrimaryKey("case_id", "number")
    case_id = models.UUIDField()
    number = models.PositiveSmallIntegerField()
    district_code = models.CharField(max_length=6)
    seq = models.PositiveIntegerField()
    tallies = ArrayField(models.CharField(max_length=24))
    day = models.DateField()
    due = models.DateTimeField(null=True)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    area_code = models.CharField(max_length=15)
    holder_code = models.CharField(max_length=12)
    item_code = models.CharField(max_length=4)
    channel = models.CharField(max_length=10)
    kind = models.CharField(max_length=10)
    unit_id = models.BigIntegerField(null=True)
    account_id = models.BigIntegerField(null=True)
    reporter_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "tally_fact"
        constraints = [
            models.CheckConstraint(
                name="tally_fact_holds_for_a_time",
                condition=Q(until_at=None) | Q(until_at__gt=F("from_at")),
            )
        ]
        indexes = [
            # A community's days; a town's are those of its communities.
            models.Index(Left("area_code", 12), "day", name="tally_fact_there"),
            # What begins to count as time passes.
            models.Index("from_at", name="tally_fact_from"),
        ]


class CountedCase(models.Model):
    """How far a case was counted, and where and how it stood then."""

    case_id = models.UUIDField(primary_key=True)
    district_code = models.CharField(max_length=6)
    seq = models.PositiveIntegerField(help_text="of the last event that was counted")
    day = models.DateField(help_text="on which the case was received")
    area_code = models.CharField(max_length=15)
    state = models.CharField(max_length=10, choices=State.choices)

    class Meta:
        db_table = "counted_case"


class OpenCase(models.Model):
    """A case that is open, as narrow as a look over all of them wants it."""

    case_id = models.UUIDField(primary_key=True)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=15)
    holder_code = models.CharField(max_length=12)
    unit_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State.choices)
    due_at = models.DateTimeField(null=True)
    yellow_at = models.DateTimeField(null=True)
    suspended = models.BooleanField()

    class Meta:
        db_table = "open_case"


class RolledTally(models.Model):
    """How often something counted on a day, of one subject.

    ``by`` is a level of divisions or a kind of subject (`counting.By`), ``area`` where it is looked
    for: of a level's rows the division that holds the subject, of others a town or the district.
    """

    pk = models.CompositePrimaryKey("by", "area", "tally", "day", "subject")
    by = models.CharField(max_length=9)
    area = models.CharField(max_length=15)
    tally = models.CharField(max_length=24)
    day = models.DateField()
    subject = models.CharField(max_length=20)
    n = models.IntegerField()

    class Meta:
        db_table = "rolled_tally"


class RolledState(models.Model):
    """How many of the cases received on a day are in which state, by town and community."""

    pk = models.CompositePrimaryKey("level", "day", "area", "state")
    level = models.PositiveSmallIntegerField(help_text="digits of the area's code")
    day = models.DateField()
    area = models.CharField(max_length=15)
    state = models.CharField(max_length=10, choices=State.choices)
    n = models.IntegerField()

    class Meta:
        db_table = "rolled_state"


class RolledCursor(models.Model):
    """How far the sums follow the log; one row.

    Attributes:
        xid: every event of a transaction before this one was counted. Transactions are numbered as
            they begin to write; one is passed only when none before it is still open.
        system: the database server whose transactions these are; in another one, as after a
            restore, the numbers mean nothing.
        ripe_until: what begins to count later is not in the sums yet.
        sweep_after: all cases are looked through once more, and those up to this one were; empty
            if not.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    xid = models.BigIntegerField()
    system = models.CharField(max_length=24)
    ripe_until = models.DateTimeField()
    sweep_after = models.UUIDField(null=True)
    sweep_since = models.DateTimeField(null=True)

    class Meta:
        db_table = "rolled_cursor"
        constraints = [models.CheckConstraint(name="rolled_cursor_is_one", condition=Q(id=1))]


class ClosedPeriod(models.Model):
    """A month or week whose figures stand: as the log was at ``as_of``, whatever comes later."""

    class Kind(models.TextChoices):
        MONTH = "month", pgettext_lazy("closed period", "month")
        WEEK = "week", pgettext_lazy("closed period", "week")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    first = models.DateField()
    last = models.DateField()
    as_of = models.DateTimeField()
    closed_at = models.DateTimeField()

    class Meta:
        db_table = "closed_period"
        ordering = ["-first", "kind"]
        constraints = [
            models.UniqueConstraint("district_code", "first", "last", name="closed_period_once"),
            models.CheckConstraint(
                name="closed_period_is_over",
                condition=Q(first__lte=F("last")) & Q(as_of__lte=F("closed_at")),
            ),
        ]


class ClosedFigure(models.Model):
    """A sum of a closed period; keyed as the sums by day are."""

    pk = models.CompositePrimaryKey("period", "by", "area", "tally", "subject")
    period = models.ForeignKey(ClosedPeriod, models.PROTECT, related_name="figures", db_index=False)
    by = models.CharField(max_length=9)
    area = models.CharField(max_length=15)
    tally = models.CharField(max_length=24)
    subject = models.CharField(max_length=20)
    n = models.IntegerField()

    class Meta:
        db_table = "closed_figure"
