"""The case and everything beside it, as the database keeps them.

``case`` holds what is true now, one row a case; ``case_event`` holds how it came to be, and is
never changed. Texts and contacts stand in rows of their own, so that they can be erased while
the events, which hold only their salted digests, stay whole.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex, OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.cases.reading import CaseQuerySet
from huying.cases.states import END_STATES, OPEN_STATES, State
from huying.catalogue.models import ItemVersion, Kind
from huying.people.models import Account, Unit
from huying.places.models import Level


class Channel(models.TextChoices):
    """The door a report came by."""

    PATROL = "patrol", _("grid patrol")
    DESK = "desk", _("command centre")
    HOTLINE = "hotline", _("hotline")
    WALK_IN = "walk_in", _("walk-in")
    MESSAGE = "message", _("residents' message")
    RESIDENT = "resident", _("resident")
    API = "api", _("connected system")


def _where_known(reference: str) -> models.Index:
    """An index of a reference without the cases that have none.

    Django's own would hold a place for every new case under each of its empty references.
    """
    return models.Index(
        reference, name=f"case_{reference}", condition=Q(**{f"{reference}__isnull": False})
    )


class Case(models.Model):
    """One matter, from report to its end."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    number = models.CharField(_("case number"), max_length=25)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.COMPLEX)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    item_code = models.CharField(_("item"), max_length=4, blank=True, default="", db_default="")
    item_version = models.ForeignKey(
        ItemVersion, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    suggested_item = models.CharField(max_length=4, blank=True, default="", db_default="")
    emergency_words = models.CharField(
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text="the catalogue's words that were hit, joined by ;",
    )
    emergency = models.BooleanField(_("emergency confirmed"), default=False, db_default=False)

    holder_code = models.CharField(_("held by the desk of"), max_length=12)
    area_code = models.CharField(_("area"), max_length=15)
    grid_code = models.CharField(_("grid"), max_length=15, blank=True, default="", db_default="")
    address = models.CharField(_("address"), max_length=200, blank=True, default="", db_default="")
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    told_lon = models.FloatField(null=True, blank=True)
    told_lat = models.FloatField(null=True, blank=True)
    told_datum = models.CharField(max_length=8, blank=True, default="", db_default="")
    accuracy_m = models.FloatField(null=True, blank=True)

    occurred_at = models.DateTimeField(_("occurred at"), null=True, blank=True)
    received_at = models.DateTimeField(_("received at"))
    accepted_at = models.DateTimeField(null=True, blank=True)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    desk_since = models.DateTimeField(
        help_text="since when the desk has had the step that it owes now"
    )
    moved_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="when the desk that has to accept it got it from another one",
    )
    handled_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)

    accept_due = models.DateTimeField(null=True, blank=True)
    sign_due = models.DateTimeField(null=True, blank=True)
    handle_due = models.DateTimeField(null=True, blank=True)
    check_due = models.DateTimeField(null=True, blank=True)
    total_due = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(
        _("due"), null=True, blank=True, help_text="of the present stage; empty while paused"
    )
    yellow_at = models.DateTimeField(
        null=True, blank=True, help_text="when three quarters of the present stage are used"
    )
    suspended_until = models.DateTimeField(null=True, blank=True)
    wake_at = models.DateTimeField(
        null=True, blank=True, help_text="when the system itself must look at the case next"
    )
    alarms = models.BooleanField(
        default=True, db_default=True, help_text="off for imported history"
    )

    reporter = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    lead_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    handler = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    handled_by_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    self_handled = models.BooleanField(_("settled on the spot"), default=False, db_default=False)
    check_asked = models.BooleanField(default=False, db_default=False)
    verify_asked = models.BooleanField(default=False, db_default=False)
    verified = models.BooleanField(null=True, blank=True)
    extension_asked = models.BooleanField(default=False, db_default=False)
    returns = models.PositiveSmallIntegerField(default=0, db_default=0)
    awaits_arbitration = models.BooleanField(default=False, db_default=False)
    responsible_unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="named by arbitration; may not return the case but on new facts",
    )
    reworks = models.PositiveSmallIntegerField(default=0, db_default=0)
    rung = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="how far the present step has climbed the ladder"
    )
    supervised = models.BooleanField(_("formally supervised"), default=False, db_default=False)
    supervised_reworks = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="reworks that formal supervision has seen"
    )
    instruction_open = models.BooleanField(default=False, db_default=False)
    extensions = models.PositiveSmallIntegerField(default=0, db_default=0)
    reopened = models.PositiveSmallIntegerField(default=0, db_default=0)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subs",
        db_index=False,
        help_text="the main case that this one was split off",
    )
    parts = models.JSONField(
        default=dict,
        db_default=Value({}, models.JSONField()),
        blank=True,
        help_text="open parts of assisting units: the unit's number, and how far it is",
    )

    rule = models.CharField(
        max_length=24, blank=True, default="", db_default="", help_text="the code of who decided"
    )
    rulebook = models.PositiveIntegerField(
        null=True, blank=True, help_text="the version of the rules that it was accepted under"
    )
    priority = models.PositiveSmallIntegerField(default=0, db_default=0)
    rule_limit = models.PositiveSmallIntegerField(null=True, blank=True)
    rule_clock = models.CharField(max_length=14, blank=True, default="", db_default="")

    calls = models.JSONField(
        null=True, blank=True, help_text="who may do what next about the units called to it"
    )

    last_seq = models.PositiveIntegerField()
    last_hash = models.BinaryField(max_length=32)
    changed_at = models.DateTimeField()

    objects = CaseQuerySet.as_manager()

    shown_once = ""
    """What the verb just done may show once to who did it; kept nowhere."""

    class Meta:
        db_table = "case"
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.CheckConstraint(name="case_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="case_has_unit_from_dispatch",
                condition=~Q(state__in=["dispatched", "handling"]) | Q(lead_unit__isnull=False),
            ),
            models.CheckConstraint(
                name="case_has_item_from_acceptance",
                condition=Q(state__in=["reported", "declined", "merged", "withdrawn"])
                | Q(item_version__isnull=False),
            ),
            models.CheckConstraint(
                name="case_area_in_district",
                # Not "starts with": that takes the database several times as long.
                condition=Q(district_code=Left("area_code", 6))
                & Q(district_code=Left("holder_code", 6)),
            ),
            models.CheckConstraint(name="case_not_its_own_part", condition=~Q(parent=F("id"))),
            # One index for "is" and for "begins with".
            models.UniqueConstraint(
                name="case_number_once", fields=["number"], opclasses=["varchar_pattern_ops"]
            ),
        ]
        indexes = [
            # The queue: a desk's open cases, the one with the least time left first.
            models.Index(
                "holder_code",
                "due_at",
                name="case_queue",
                condition=Q(state__in=sorted(OPEN_STATES)),
            ),
            models.Index(
                OpClass(F("area_code"), name="varchar_pattern_ops"),
                "received_at",
                name="case_in_area",
            ),
            models.Index(
                "wake_at",
                name="case_to_wake",
                condition=Q(wake_at__isnull=False),
            ),
            # What the supervision page lists; of all cases only these few are in the index.
            models.Index("due_at", name="case_supervised", condition=Q(supervised=True)),
            models.Index("due_at", name="case_instructed", condition=Q(instruction_open=True)),
            models.Index(
                "lead_unit",
                name="case_load",
                condition=Q(state__in=["dispatched", "handling"]),
            ),
            models.Index("received_at", "id", name="case_by_receipt"),
            # What lies around a position: likely duplicates and what comes again.
            models.Index("lon", "lat", name="case_here", condition=Q(lon__isnull=False)),
            # Emergencies that no unit has yet: every desk's pages watch for them.
            models.Index(
                "holder_code",
                name="case_emergency_waiting",
                condition=Q(state__in=["reported", "accepted"])
                & (Q(emergency=True) | ~Q(emergency_words="")),
            ),
            # A whole area's open cases, in the queue's order.
            models.Index(
                "due_at",
                "received_at",
                "id",
                name="case_open_by_due",
                condition=Q(state__in=sorted(OPEN_STATES)),
            ),
            # Ended cases of what is rare, which a walk by receipt would look for long.
            models.Index(
                "item_code",
                "received_at",
                "id",
                name="case_ended_by_item",
                condition=Q(state__in=sorted(END_STATES)),
            ),
            models.Index(
                "channel",
                "received_at",
                "id",
                name="case_ended_by_channel",
                condition=Q(state__in=sorted(END_STATES)),
            ),
            models.Index(
                "state",
                "received_at",
                "id",
                name="case_ended_unusually",
                condition=Q(state__in=sorted(END_STATES - {State.CLOSED})),
            ),
            *map(
                _where_known,
                (
                    "item_version",
                    "reporter",
                    "lead_unit",
                    "handler",
                    "handled_by_unit",
                    "responsible_unit",
                    "merged_into",
                    "parent",
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_suspended(self) -> bool:
        return self.suspended_until is not None


class CaseEvent(models.Model):
    """One thing that happened to a case. Append only: the application cannot change or delete.

    The table is partitioned by the month of ``written_at``; see the first migration.
    """

    pk = models.CompositePrimaryKey("case_id", "seq", "written_at")
    case = models.ForeignKey(
        Case, models.DO_NOTHING, related_name="events", db_constraint=False, db_index=False
    )
    seq = models.PositiveIntegerField()
    written_at = models.DateTimeField(help_text="the database's own time of writing")
    at = models.DateTimeField(help_text="the verb's now")
    district_code = models.CharField(max_length=6)
    verb = models.CharField(max_length=24)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    post_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=24, null=True)
    from_state = models.CharField(max_length=10, null=True)
    to_state = models.CharField(max_length=10)
    data = models.JSONField(default=dict)
    prev = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "case_event"
        ordering = ["case_id", "seq"]
        managed = False
        verbose_name = _("event")
        verbose_name_plural = _("events")


class TextKind(models.TextChoices):
    DESCRIPTION = "description", _("description")
    REASON = "reason", _("reason")
    COMMENT = "comment", _("comment")
    RESULT = "result", _("result")
    FORM = "form", _("form")
    REQUIREMENT = "requirement", _("requirement")
    ADDRESSEE = "addressee", _("whom was asked")
    QUESTION = "question", _("question")
    ANSWER = "answer", _("answer")
    FOUND = "found", _("what was found")
    DEMANDED = "demanded", _("what was demanded")
    GOODS = "goods", _("goods")
    CUSTODY = "custody", _("where it is kept")
    TRIED = "tried", _("what was tried")
    NEW_FACTS = "new_facts", _("new facts")


class CaseText(models.Model):
    """Words that belong to a case. Erasable: the event keeps only the salted digest."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="texts")
    district_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=12, choices=TextKind.choices)
    seq = models.PositiveIntegerField(help_text="of the event it came with")
    body = models.TextField()
    salt = models.BinaryField(max_length=16)
    digest = models.BinaryField(max_length=32)

    class Meta:
        db_table = "case_text"
        ordering = ["case_id", "seq", "id"]


class CaseAddressWords(models.Model):
    """A case's address as it is looked for: in small letters, with its pinyin initials.

    Apart from the case, whose row every step writes anew, and its indexes with it.
    """

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="+")
    district_code = models.CharField(max_length=6)
    words = models.TextField()

    class Meta:
        db_table = "case_address_words"


class CaseContact(models.Model):
    """How to reach who reported. Encrypted at rest, shown only by a logged reveal."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="contacts")
    district_code = models.CharField(max_length=6)
    seq = models.PositiveIntegerField()
    name_enc = models.BinaryField()
    phone_enc = models.BinaryField()
    name_masked = models.CharField(max_length=20, blank=True)
    phone_masked = models.CharField(max_length=20, blank=True)
    phone_index = models.BinaryField(max_length=32, null=True, db_index=True)
    party = models.BooleanField(
        default=False, db_default=False, help_text="a party to a handling record, no reporter"
    )
    salt = models.BinaryField(max_length=16)
    digest = models.BinaryField(max_length=32)

    class Meta:
        db_table = "case_contact"


class CaseParty(models.Model):
    """A unit or account that takes part in a case, and so may see it."""

    class Part(models.TextChoices):
        LEAD = "lead", _("lead unit")
        ASSIST = "assist", _("assisting unit")
        ALARMED = "alarmed", _("alarmed team")
        CALLED = "called", _("called unit")
        VERIFIER = "verifier", _("asked to verify")
        CHECKER = "checker", _("asked to check")
        REPORTER = "reporter", _("reporter")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="parties")
    district_code = models.CharField(max_length=6)
    part = models.CharField(max_length=8, choices=Part.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    since_seq = models.PositiveIntegerField()
    until_seq = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "case_party"
        constraints = [
            models.CheckConstraint(
                name="case_party_is_unit_or_account",
                condition=Q(unit__isnull=False, account__isnull=True)
                | Q(unit__isnull=True, account__isnull=False),
            ),
            models.UniqueConstraint(
                name="case_party_once",
                fields=["case", "part", "unit", "account"],
                condition=Q(until_seq__isnull=True),
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index("unit", "case", name="case_party_unit", condition=Q(unit__isnull=False)),
            models.Index(
                "account", "case", name="case_party_account", condition=Q(account__isnull=False)
            ),
        ]


class Attachment(models.Model):
    """A photo, re-encoded without its EXIF, or a cleaned PDF. Staged until a verb takes it up."""

    class Kind(models.TextChoices):
        PHOTO_BEFORE = "photo_before", _("photo before")
        PHOTO_AFTER = "photo_after", _("photo after")
        OTHER = "other", _("other photo")
        DOCUMENT = "document", _("document")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="attachments")
    district_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    seq = models.PositiveIntegerField(null=True)
    name = models.CharField(
        max_length=100, blank=True, default="", db_default="", help_text="a document's file name"
    )
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    size = models.PositiveIntegerField(help_text="bytes of the stored file")
    digest = models.BinaryField(max_length=32, help_text="SM3 of the stored file")
    uploaded_at = models.DateTimeField()
    uploader_kind = models.CharField(max_length=12)
    uploader_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "attachment"
        ordering = ["id"]


class Suspension(models.Model):
    """挂账: the clocks stand still from ``starts_at`` until it ends, by itself or by hand."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="suspensions")
    district_code = models.CharField(max_length=6)
    starts_at = models.DateTimeField()
    planned_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "suspension"
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(
                name="suspension_one_open", fields=["case"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="suspension_has_end", condition=Q(planned_until__gt=F("starts_at"))
            ),
        ]


class Extension(models.Model):
    """延期: more time for handling, asked for before the deadline and decided by the desk."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="extension_requests")
    district_code = models.CharField(max_length=6)
    asked_at = models.DateTimeField()
    asked_by = models.BigIntegerField(null=True)
    amount = models.PositiveSmallIntegerField()
    clock = models.CharField(max_length=14)
    decided_at = models.DateTimeField(null=True)
    granted = models.BooleanField(null=True)

    class Meta:
        db_table = "extension"
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(
                name="extension_one_open", fields=["case"], condition=Q(decided_at__isnull=True)
            ),
        ]


class CheckRound(models.Model):
    """核查: one round of checking, from the report that it is done to the checker's word.

    The time of a failed round is no part of the unit's handling time.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="check_rounds")
    district_code = models.CharField(max_length=6)
    starts_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    passed = models.BooleanField()

    class Meta:
        db_table = "check_round"
        ordering = ["starts_at"]


class Hold(models.Model):
    """Something of a later stage that keeps a case from closing until it is cleared."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="holds")
    district_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=24)
    ref = models.CharField(max_length=64)
    since = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "hold"
        constraints = [
            models.UniqueConstraint(
                name="hold_one_open_each",
                fields=["case", "kind", "ref"],
                condition=Q(cleared_at__isnull=True),
            ),
        ]


class CalendarFollowed(models.Model):
    """Which version of a district's working calendar the open cases' deadlines follow."""

    district_code = models.CharField(max_length=6, primary_key=True)
    version = models.CharField(max_length=64)

    class Meta:
        db_table = "calendar_followed"


class IdempotencyKey(models.Model):
    """A key under which an outside write was done, with the answer it got. Kept 90 days."""

    id = models.BigAutoField(primary_key=True)
    caller = models.CharField(max_length=40)
    verb = models.CharField(max_length=24)
    key = models.CharField(max_length=80)
    body_digest = models.BinaryField(max_length=32)
    case_id = models.UUIDField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "idempotency_key"
        constraints = [
            models.UniqueConstraint(name="idempotency_key_once", fields=["caller", "verb", "key"]),
        ]
        indexes = [
            # Keys are written in the order of their time, and only the oldest are ever looked for.
            BrinIndex("created_at", name="idempotency_key_age", autosummarize=True),
        ]
