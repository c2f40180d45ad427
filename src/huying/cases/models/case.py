"""The case itself, one row a case, and the events that say how it came to be what it is."""

from __future__ import annotations

from django.contrib.postgres.indexes import OpClass
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
    questions_asked = models.BooleanField(default=False, db_default=False)
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
    erasure_asked = models.BooleanField(
        default=False, db_default=False, help_text="by the resident who reported it"
    )
    has_code = models.BooleanField(
        default=False, db_default=False, help_text="the desk gave the resident a code to follow by"
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
            # What is open in a grid: few, where years of ended ones lie beside them.
            models.Index(
                OpClass(F("area_code"), name="varchar_pattern_ops"),
                name="case_open_in_area",
                condition=Q(state__in=sorted(OPEN_STATES)),
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
