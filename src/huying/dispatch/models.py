"""Orders, and what is suggested before one is written, as the database keeps them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.cases.models import Case
from huying.cases.reasons import ReturnReason
from huying.catalogue.models import Clock
from huying.people.models import Account, Post, Unit


class Order(models.Model):
    """派遣单: one unit is asked to handle a case. A case may see several, one lead at a time."""

    class Part(models.TextChoices):
        LEAD = "lead", _("lead unit")
        ASSIST = "assist", _("assisting unit")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="orders")
    district_code = models.CharField(max_length=6)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="orders")
    part = models.CharField(max_length=6, choices=Part.choices)
    dispatched_at = models.DateTimeField()
    suggested = models.BooleanField(
        default=False, help_text="whether the unit is the one that was suggested"
    )
    signed_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    return_reason = models.CharField(max_length=16, choices=ReturnReason.choices, blank=True)
    return_to = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    # Of an assisting unit's part only.
    limit_amount = models.PositiveSmallIntegerField(
        null=True, help_text="the part's own limit; none: the lead unit's deadline holds"
    )
    limit_clock = models.CharField(
        max_length=14, choices=Clock.choices, blank=True, default="", db_default=""
    )
    due_at = models.DateTimeField(null=True, help_text="as last worked out; empty while paused")
    yellow_at = models.DateTimeField(null=True)
    due_seen_at = models.DateTimeField(null=True, help_text="when it was last worked out")
    overdue_at = models.DateTimeField(null=True, help_text="when it was noted as overdue")
    done_seq = models.PositiveIntegerField(
        null=True, help_text="of the event with the part's result and evidence"
    )
    signed_off_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "dispatch_order"
        ordering = ["dispatched_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="order_one_open_lead",
                fields=["case"],
                condition=Q(part="lead", ended_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="order_one_open_a_unit",
                fields=["case", "unit"],
                condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="order_limit_has_clock",
                condition=Q(limit_amount__isnull=True, limit_clock="")
                | (Q(limit_amount__gte=1) & ~Q(limit_clock="")),
            ),
            models.CheckConstraint(
                name="order_signed_off_was_done",
                condition=Q(signed_off_at__isnull=True)
                | Q(handled_at__isnull=False, ended_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                "due_at",
                name="order_open_part",
                condition=Q(part="assist", ended_at__isnull=True),
            ),
        ]


class DuplicateLimits(models.Model):
    """How near reports of a district must be to be likely one matter, or the same one again."""

    district_code = models.CharField(_("district code"), max_length=6, primary_key=True)
    within_m = models.PositiveSmallIntegerField(_("metres apart at most"), default=50)
    within_hours = models.PositiveSmallIntegerField(_("hours apart at most"), default=24)
    repeat_days = models.PositiveSmallIntegerField(
        _("days after a close in which a matter counts as coming again"), default=30
    )

    class Meta:
        db_table = "duplicate_limits"
        verbose_name = _("limits for likely duplicates")
        verbose_name_plural = _("limits for likely duplicates")
        constraints = [
            models.CheckConstraint(
                name="duplicate_limits_sensible",
                condition=Q(within_m__range=(1, 1000))
                & Q(within_hours__range=(1, 720))
                & Q(repeat_days__range=(1, 366)),
            ),
        ]

    def __str__(self) -> str:
        return self.district_code


class LikelyDuplicate(models.Model):
    """Two cases that may be one matter, or one that came again, as the job after the report found.

    Kept as it looked then: the queue marks those that wait by it. Pages of one case look up anew.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="likely_duplicates")
    district_code = models.CharField(max_length=6)
    other = models.ForeignKey(Case, models.CASCADE, related_name="+")
    metres = models.FloatField(null=True)
    likeness = models.FloatField(help_text="of the words, 0 to 1")
    same_item = models.BooleanField(default=False, db_default=False)
    repeat = models.BooleanField(
        default=False, db_default=False, help_text="the other one was closed before"
    )

    class Meta:
        db_table = "likely_duplicate"
        ordering = ["-likeness"]
        constraints = [
            models.UniqueConstraint(name="likely_duplicate_once", fields=["case", "other"]),
        ]


class Rulebook(models.Model):
    """One version of a district's routing rules: a draft, then checked, then published for good.

    A published version is never changed: cases keep the version that decided them. People are kept
    by number, as the catalogue keeps its authors.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        CHECKED = "checked", _("checked")
        PUBLISHED = "published", _("published")

    district_code = models.CharField(max_length=6)
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    rules = models.JSONField(default=list, help_text="as dispatch.rules.as_data writes them")
    based_on = models.PositiveIntegerField(null=True)
    editors = ArrayField(models.BigIntegerField(), default=list)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    checked_by = models.BigIntegerField(null=True)
    checked_at = models.DateTimeField(null=True)
    published_by = models.BigIntegerField(null=True)
    published_at = models.DateTimeField(null=True)
    effective_from = models.DateTimeField(null=True)

    class Meta:
        db_table = "rulebook"
        ordering = ["district_code", "-version"]
        constraints = [
            models.UniqueConstraint(
                name="rulebook_version_once", fields=["district_code", "version"]
            ),
            models.CheckConstraint(
                name="rulebook_published_from",
                condition=~Q(state="published")
                | Q(published_at__isnull=False, effective_from__isnull=False),
            ),
            models.CheckConstraint(
                name="rulebook_two_people",
                condition=Q(published_by__isnull=True)
                | Q(checked_by__isnull=True)
                | ~Q(published_by=F("checked_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.district_code} v{self.version}"


class Backtest(models.Model):
    """A rulebook held against the cases of a period, by the worker."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    book = models.ForeignKey(Rulebook, models.CASCADE, related_name="backtests")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    post = models.ForeignKey(Post, models.CASCADE, related_name="+")
    since = models.DateField()
    until = models.DateField(help_text="the last day")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    result = models.JSONField(null=True)
    asked_at = models.DateTimeField()
    touched_at = models.DateTimeField(help_text="when the worker last told how far it is")
    ready_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "backtest"
        ordering = ["-asked_at"]
