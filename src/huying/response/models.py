"""Teams on duty and the alarms that call them, as the database keeps them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.cases.models import Case
from huying.people.models import Account, Unit


class Skill(models.Model):
    """Something that people of a district can do, and the items that it is needed for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(_("district"), max_length=6)
    name = models.CharField(_("name"), max_length=20)
    items = ArrayField(
        models.CharField(max_length=4),
        verbose_name=_("items"),
        default=list,
        blank=True,
        help_text=_("Codes of the items that it is needed for, separated by commas."),
    )

    class Meta:
        db_table = "skill"
        ordering = ["district_code", "name"]
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        constraints = [
            models.UniqueConstraint(name="skill_name_once", fields=["district_code", "name"]),
        ]

    def __str__(self) -> str:
        return self.name


class AlarmLimit(models.Model):
    """How long a team may take to answer an alarm: of a district, or of one item there."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(_("district"), max_length=6)
    item_code = models.CharField(
        _("item"), max_length=4, blank=True, default="", help_text=_("Empty: every item.")
    )
    minutes = models.PositiveSmallIntegerField(_("minutes"))

    class Meta:
        db_table = "alarm_limit"
        ordering = ["district_code", "item_code"]
        verbose_name = _("time to answer an alarm")
        verbose_name_plural = _("times to answer an alarm")
        constraints = [
            models.UniqueConstraint(name="alarm_limit_once", fields=["district_code", "item_code"]),
            models.CheckConstraint(name="alarm_limit_some_time", condition=Q(minutes__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.district_code} {self.item_code}".strip()


class Member(models.Model):
    """Somebody in a team. What they may do on cases follows from a post, not from here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    team = models.ForeignKey(Unit, models.CASCADE, related_name="members")
    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships")
    home = models.ForeignKey(
        Unit,
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="the department that sends them",
    )
    leads = models.BooleanField(default=False)
    skills = models.ManyToManyField(Skill, related_name="members", blank=True)

    class Meta:
        db_table = "team_member"
        constraints = [
            models.UniqueConstraint(name="team_member_once", fields=["team", "account"]),
        ]

    def __str__(self) -> str:
        return str(self.account)


class Shift(models.Model):
    """班次: the hours of one of a team's shifts. It may run over midnight."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    team = models.ForeignKey(Unit, models.CASCADE, related_name="shifts")
    name = models.CharField(max_length=20)
    begins = models.TimeField()
    ends = models.TimeField(help_text="at or before the beginning: on the next day")

    class Meta:
        db_table = "team_shift"
        ordering = ["begins", "name"]
        constraints = [
            models.UniqueConstraint(name="team_shift_name_once", fields=["team", "name"]),
        ]

    def __str__(self) -> str:
        return self.name


class Turn(models.Model):
    """Whose turn it is: one member on one shift of one day.

    The moments are kept as well as the shift, so that what was stays what it was when the shift's
    hours change.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    team = models.ForeignKey(Unit, models.CASCADE, related_name="turns")
    member = models.ForeignKey(Member, models.CASCADE, related_name="turns")
    shift = models.ForeignKey(Shift, models.CASCADE, related_name="turns")
    day = models.DateField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    on_leave = models.BooleanField(default=False)
    swapped_with = models.ForeignKey(
        Member, models.SET_NULL, null=True, related_name="+", help_text="whose turn it was before"
    )
    came_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    written_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        db_table = "team_turn"
        ordering = ["begins_at", "id"]
        constraints = [
            models.UniqueConstraint(name="team_turn_once", fields=["shift", "day", "member"]),
            models.CheckConstraint(
                name="team_turn_ends_after_it_begins", condition=Q(ends_at__gt=F("begins_at"))
            ),
            models.CheckConstraint(
                name="team_turn_left_after_coming",
                condition=Q(left_at__isnull=True)
                | Q(came_at__isnull=False, left_at__gte=F("came_at")),
            ),
        ]
        indexes = [
            models.Index("district_code", "ends_at", "begins_at", name="team_turn_now"),
        ]


class LastPosition(models.Model):
    """Where a member was last, while on duty; gone when the turn ends or they leave it."""

    turn = models.OneToOneField(Turn, models.CASCADE, primary_key=True, related_name="position")
    district_code = models.CharField(max_length=6)
    lon = models.FloatField()
    lat = models.FloatField()
    at = models.DateTimeField()
    until = models.DateTimeField(db_index=True, help_text="when it must be gone: the turn's end")

    class Meta:
        db_table = "last_position"
        constraints = [
            models.CheckConstraint(
                name="last_position_within_the_turn", condition=Q(until__gt=F("at"))
            ),
        ]


class Alarm(models.Model):
    """A team is called to an emergency, and has so long to answer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="alarms_given")
    district_code = models.CharField(max_length=6)
    team = models.ForeignKey(Unit, models.PROTECT, related_name="alarms")
    given_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    missed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(
        null=True, help_text="when nobody waited for the answer any more"
    )

    class Meta:
        db_table = "alarm"
        ordering = ["given_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="alarm_one_open_a_team",
                fields=["case", "team"],
                condition=Q(answered_at=None, missed_at=None, ended_at=None),
            ),
            models.CheckConstraint(
                name="alarm_one_outcome",
                condition=Q(answered_at=None) | Q(missed_at=None),
            ),
        ]
        indexes = [
            models.Index(
                "answer_by",
                name="alarm_to_answer",
                condition=Q(answered_at=None, missed_at=None, ended_at=None),
            ),
        ]


class OutsideAsk(models.Model):
    """Somebody without an account was asked by a link; only the hash of its token is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="outside_asks")
    district_code = models.CharField(max_length=6)
    seq = models.PositiveIntegerField(help_text="of the event with the question's words")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    token_hash = models.BinaryField(max_length=32, unique=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    show_item = models.BooleanField(default=False)
    show_place = models.BooleanField(default=False)
    photos = ArrayField(models.UUIDField(), default=list)
    looked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer_seq = models.PositiveIntegerField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outside_ask"
        ordering = ["asked_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="outside_ask_expires_later", condition=Q(expires_at__gt=F("asked_at"))
            ),
            models.CheckConstraint(
                name="outside_ask_ends_once",
                condition=Q(answered_at__isnull=True) | Q(revoked_at__isnull=True),
            ),
        ]


class RecordKind(models.TextChoices):
    """What a handling record is. A name of its own: the interface lists it beside other kinds."""

    INSPECTION = "inspection", _("inspection record")
    CORRECTION = "correction", _("order to correct")
    SEIZURE = "seizure", _("seizure")


class HandlingRecord(models.Model):
    """执法文书: an inspection, an order to correct or a seizure. Never changed, only corrected.

    Numbers and codes stand here; words and people's data in rows that can be erased, which come
    with the record's event.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="handling_records")
    district_code = models.CharField(max_length=6)
    seq = models.PositiveIntegerField(help_text="of the event that it came with")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=RecordKind.choices)
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    number = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    correct_by = models.DateField(null=True, help_text="until when it must be put right")
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")

    class Meta:
        db_table = "handling_record"
        ordering = ["seq", "id"]
        constraints = [
            models.UniqueConstraint(
                name="handling_record_number_once", fields=["unit", "year", "serial"]
            ),
            models.CheckConstraint(
                name="handling_record_only_an_order_has_a_day",
                condition=Q(correct_by__isnull=True) | Q(kind="correction"),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class SeizedGoods(models.Model):
    """One line of a seizure: how much, in which measure; what it is, and where, are words."""

    class Measure(models.TextChoices):
        LITRE = "litre", _("litres")
        KILOGRAM = "kilogram", _("kilograms")
        PIECE = "piece", _("pieces")
        VEHICLE = "vehicle", _("vehicles")
        BOX = "box", _("boxes")
        BOTTLE = "bottle", _("bottles")
        SQUARE_METRE = "square_metre", _("square metres")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    record = models.ForeignKey(HandlingRecord, models.PROTECT, related_name="goods")
    district_code = models.CharField(max_length=6)
    line = models.PositiveSmallIntegerField()
    amount = models.DecimalField(max_digits=12, decimal_places=3)
    measure = models.CharField(max_length=12, choices=Measure.choices)
    words = models.UUIDField(help_text="the row of text that says what it is")

    class Meta:
        db_table = "seized_goods"
        ordering = ["record", "line"]
        constraints = [
            models.UniqueConstraint(name="seized_goods_line_once", fields=["record", "line"]),
            models.CheckConstraint(name="seized_goods_some", condition=Q(amount__gt=0)),
        ]


class DocumentSerial(models.Model):
    """文号: the last serial that a unit has given out in a year."""

    id = models.BigAutoField(primary_key=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        db_table = "document_serial"
        constraints = [
            models.UniqueConstraint(name="document_serial_once", fields=["unit", "year"]),
        ]
