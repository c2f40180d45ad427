"""Systems that send us signed messages, and what they sent."""

from __future__ import annotations

import math
import re

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.cases.models import Case
from huying.notices.models import SharesSecret, Subscription
from huying.people.models import Account, Post


class Source(SharesSecret):
    """A system that sends signed messages. Its secret is kept encrypted.

    ``fold_hours`` and ``fold_metres`` say what is the same alarm again.
    """

    class Kind(models.TextChoices):
        HOTLINE = "hotline", _("hotline")
        ALARMS = "alarms", _("cameras and sensors")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"))
    subscription = models.OneToOneField(
        Subscription,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="by which the outbox sends what we tell it",
    )

    fold_hours = models.PositiveSmallIntegerField(
        _("hours within which an alarm is the same again"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(720)],
    )
    fold_metres = models.PositiveSmallIntegerField(
        _("metres within which an alarm is the same again"),
        default=50,
        validators=[MaxValueValidator(5000)],
    )
    grave_kinds = models.CharField(
        _("kinds of which the desk is told at once"),
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text=_("Separated by commas; beside those whose words mean danger to life."),
    )

    class Meta:
        db_table = "source"
        verbose_name = _("signed source")
        verbose_name_plural = _("signed sources")
        constraints = [
            models.CheckConstraint(
                name="source_hotline_is_told",
                condition=~Q(kind="hotline") | Q(subscription__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def finds_grave(self, kind: str) -> bool:
        """Whether alarms of this kind are on its list."""
        listed = (each.strip() for each in re.split("[,，、]", self.grave_kinds))
        return kind in {each for each in listed if each}


class UsedNonce(models.Model):
    """A message's id that came once, as long as a message of its age would be believed."""

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, models.CASCADE, related_name="+")
    nonce = models.CharField(max_length=80)
    used_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "used_nonce"
        constraints = [models.UniqueConstraint(name="nonce_once", fields=["source", "nonce"])]


class HotlineOrder(models.Model):
    """工单: a hotline's work order, and the one case that it became. It holds no words."""

    case = models.OneToOneField(
        Case, models.CASCADE, primary_key=True, related_name="hotline_order"
    )
    source = models.ForeignKey(Source, models.PROTECT, related_name="+")
    number = models.CharField(_("order number"), max_length=60)
    body_digest = models.BinaryField(max_length=32)
    taken_at = models.DateTimeField()
    called_back_at = models.DateTimeField(null=True)
    responded = models.BooleanField(null=True)
    resolved = models.BooleanField(null=True)
    satisfied = models.BooleanField(null=True)

    class Meta:
        db_table = "hotline_order"
        verbose_name = _("hotline order")
        verbose_name_plural = _("hotline orders")
        constraints = [
            models.UniqueConstraint(name="hotline_order_once", fields=["source", "number"])
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def three(self) -> tuple[bool | None, bool | None, bool | None]:
        """What the caller said at the call-back: answered in time, solved, satisfied."""
        return self.responded, self.resolved, self.satisfied


class DeviceAlarm(models.Model):
    """报警: what a camera or sensor noticed, until a person has decided on it.

    The same again counts up ``count`` and moves ``last_at``.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("alarms", "waiting")
        CONFIRMED = "confirmed", _("confirmed")
        DISMISSED = "dismissed", _("dismissed")

    class Reason(models.TextChoices):
        FALSE = "false", _("false alarm")
        KNOWN = "known", _("already reported")
        GONE = "gone", _("over by itself")
        NOT_OURS = "not_ours", _("not for us")
        UNCLEAR = "unclear", _("cannot be made out")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.ForeignKey(Source, models.PROTECT, related_name="+")
    device = models.CharField(max_length=60)
    kind = models.CharField(max_length=60)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    received_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)
    area_code = models.CharField(max_length=15)
    lon = models.FloatField()
    lat = models.FloatField()
    confidence = models.FloatField(null=True)
    has_picture = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=8, choices=Reason.choices, blank=True, default="")
    case = models.OneToOneField(Case, models.SET_NULL, null=True, related_name="+")
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "device_alarm"
        verbose_name = _("alarm of a device")
        verbose_name_plural = _("alarms of devices")
        constraints = [
            models.CheckConstraint(
                name="device_alarm_decided_by_a_person",
                condition=Q(state="waiting", decided_by__isnull=True, case__isnull=True)
                | Q(state="confirmed", decided_by__isnull=False)
                | (
                    Q(state="dismissed", decided_by__isnull=False, case__isnull=True)
                    & ~Q(reason="")
                ),
            )
        ]
        indexes = [
            models.Index("source", "device", "kind", "first_at", name="device_alarm_same"),
            models.Index("last_at", name="device_alarm_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.device}"

    @property
    def percent(self) -> str:
        return "" if self.confidence is None else f"{math.floor(self.confidence * 100)}%"


class CaseImport(models.Model):
    """表格导入: a table of cases, or for a register, from its upload to its end.

    It holds no word of the table.

    ``done`` counts rows while something is being done. The cases, their rows here and the state
    `done` come in one transaction, so there is no import that is half in.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", pgettext_lazy("import", "waits to be checked")
        CHECKING = "checking", pgettext_lazy("import", "being checked")
        CHECKED = "checked", pgettext_lazy("import", "to be confirmed")
        CONFIRMED = "confirmed", pgettext_lazy("import", "waits to be imported")
        RUNNING = "running", pgettext_lazy("import", "being imported")
        DONE = "done", pgettext_lazy("import", "imported")
        FAILED = "failed", pgettext_lazy("import", "failed")
        CANCELLED = "cancelled", pgettext_lazy("import", "cancelled")

    class Into(models.TextChoices):
        CASES = "cases", pgettext_lazy("table", "cases")
        PEOPLE = "people", pgettext_lazy("table", "dwellings and people")
        UNITS = "units", pgettext_lazy("table", "units")
        FACILITIES = "facilities", pgettext_lazy("table", "facilities")
        ADDRESSES = "addresses", pgettext_lazy("table", "standard addresses")

    class Trouble(models.TextChoices):
        EMPTY = "empty", _("There is nothing in the file.")
        NOT_TABLE = "not_table", _("This is no table. Please send an .xlsx or a .csv file.")
        OLD = "old", _("This is an old .xls file; please save it as .xlsx in Excel or WPS.")
        PASSWORD = "password", _("The file has a password; please save it without one.")
        MACROS = "macros", _("The file holds macros; please save it as .xlsx without them.")
        BROKEN_FILE = "broken_file", _("The file is damaged; please save it again and send that.")
        BOMB = "bomb", _("The file is much too large once unpacked; please send the table alone.")
        TOO_BIG = "too_big", _("The file is larger than 30 MB; please divide it.")
        TOO_MANY = "too_many", _("There are more than 50,000 rows; please divide the table.")
        HEADINGS = (
            "headings",
            _("No headings were found: the columns must be called as in the template."),
        )
        NO_ROWS = "no_rows", _("There is no row below the headings.")
        GONE = "gone", _("The file was kept for a day and is gone; please send it again.")
        CHANGED = (
            "changed",
            _("Rows that were right are so no more, as the catalogue or the grids have changed."),
        )
        NO_POST = "no_post", _("The post that sent it has ended.")
        TOO_SLOW = (
            "too_slow",
            _("The database was too slow to take all rows at once; nothing came in. Try later."),
        )
        DISK = "disk", _("The file could not be kept: is the disk full?")
        BROKEN = "broken", _("Something went wrong; the administrator finds more in the log.")

    UNFINISHED = (State.UPLOADED, State.CHECKING, State.CONFIRMED, State.RUNNING)
    PASSING = (Trouble.TOO_SLOW, Trouble.DISK, Trouble.BROKEN)
    """What is none of the table's: the file stays, and it can be tried again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, related_name="+", help_text="nobody: the command line"
    )
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    into = models.CharField(max_length=10, choices=Into.choices, default=Into.CASES)
    name = models.CharField(_("file"), max_length=120)
    size = models.PositiveIntegerField(help_text="of the file, in bytes")
    digest = models.BinaryField(max_length=32, help_text="SM3 of the file")
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    trouble = models.CharField(max_length=12, choices=Trouble.choices, blank=True, default="")
    rows = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0, help_text="rows with something wrong")
    likely = models.PositiveIntegerField(
        default=0, help_text="good rows that may be doubles; of a register's, that contradict it"
    )
    suggested = models.PositiveIntegerField(default=0, help_text="good rows whose item is proposed")
    made = models.PositiveIntegerField(
        default=0, help_text="cases that it became; of a register, rows that did something"
    )
    undone_at = models.DateTimeField(null=True, help_text="of a register's: taken back again")
    done = models.PositiveIntegerField(default=0)
    only_good = models.BooleanField(default=False)
    overrule = models.BooleanField(
        default=False, help_text="of a register's: the table is right where the register says else"
    )
    without_likely = models.BooleanField(default=False)
    alarms = models.BooleanField(default=True, help_text="whether its cases remind and climb")
    sent_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(
        null=True, help_text="before it the table is checked, from it on it is taken in"
    )
    touched_at = models.DateTimeField(help_text="when the worker last told how far it is")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "case_import"
        verbose_name = _("import of a table")
        verbose_name_plural = _("imports of tables")
        constraints = [
            models.CheckConstraint(
                name="case_import_made_when_done", condition=Q(made=0) | Q(state="done")
            ),
            models.CheckConstraint(
                name="case_import_says_why", condition=~Q(state="failed") | ~Q(trouble="")
            ),
            models.CheckConstraint(
                name="case_import_confirmed_before_taken_in",
                condition=Q(
                    state__in=["uploaded", "checking", "checked"], confirmed_at__isnull=True
                )
                | Q(state__in=["confirmed", "running", "done"], confirmed_at__isnull=False)
                | Q(state__in=["failed", "cancelled"]),
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-sent_at"], name="case_import_of_account"),
            models.Index(fields=["digest"], name="case_import_digest"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def good(self) -> int:
        return self.rows - self.bad

    @property
    def busy(self) -> bool:
        return self.state in self.UNFINISHED

    @property
    def passing(self) -> bool:
        """Whether it has failed by what is none of the table's."""
        return self.state == self.State.FAILED and self.trouble in self.PASSING

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.rows) if self.rows else 0


class ImportedCase(models.Model):
    """Which row of which table a case came from."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="+")
    file = models.ForeignKey(CaseImport, models.CASCADE, related_name="cases")
    row = models.PositiveIntegerField()

    class Meta:
        db_table = "imported_case"
        constraints = [
            # Whatever happens to the worker: a row is one case.
            models.UniqueConstraint(name="imported_row_once", fields=["file", "row"])
        ]


class ImportedRecord(models.Model):
    """What a row of a table did to a record of the registers, so that it can be taken back.

    Attributes:
        seq: what came later hangs on what came before.
        version: the record's after it; what has another one now was changed since.
        before_enc: sealed: the fields as they were. Empty of what the import made.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    file = models.ForeignKey(CaseImport, models.CASCADE, related_name="records")
    row = models.PositiveIntegerField()
    seq = models.PositiveIntegerField()
    register = models.CharField(max_length=12)
    record_id = models.UUIDField()
    version = models.PositiveIntegerField()
    before_enc = models.BinaryField(null=True)
    stayed = models.BooleanField(default=False, help_text="could not be taken back")

    class Meta:
        db_table = "imported_record"
        constraints = [
            models.UniqueConstraint(
                name="imported_record_once", fields=["file", "register", "record_id"]
            )
        ]
        indexes = [
            models.Index("file", "row", name="imported_record_row"),
            models.Index("file", "seq", name="imported_record_seq"),
        ]
