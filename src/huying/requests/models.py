"""个人信息请求: who asked, what was found of them, what was decided of each, and every step."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.branches.models import PartyMember
from huying.people.acting import Actor
from huying.people.models import Account, Role
from huying.registry.models import Person


class Kind(models.TextChoices):
    """What somebody may ask."""

    SEE = "see", pgettext_lazy("request", "to see and have a copy (art. 45)")
    CORRECT = "correct", pgettext_lazy("request", "to correct (art. 46)")
    DELETE = "delete", pgettext_lazy("request", "to delete (art. 47)")


class Known(models.TextChoices):
    """How the desk knew that it was the person."""

    ID_SEEN = "id_seen", pgettext_lazy("request", "id card seen at the desk")
    CALLED_BACK = "called_back", pgettext_lazy("request", "called back on the registered phone")
    BY_NAME = "by_name", pgettext_lazy("request", "a name alone so far")
    ADDRESS = "address", pgettext_lazy("request", "name and address, which fit one alone")
    BORN = "born", pgettext_lazy("request", "name and date of birth, which fit one alone")


SAID_AT_FIRST = (Known.ID_SEEN, Known.CALLED_BACK, Known.BY_NAME)
"""What a desk may say when it takes a request; the others come of narrowing a name."""


class State(models.TextChoices):
    OPEN = "open", pgettext_lazy("request", "to be decided")
    DECIDED = "decided", pgettext_lazy("request", "decided, to be answered")
    ANSWERED = "answered", pgettext_lazy("request", "answered")


class Outcome(models.TextChoices):
    """What came of one record."""

    GIVEN = "given", pgettext_lazy("request", "given")
    CORRECTED = "corrected", pgettext_lazy("request", "corrected")
    ERASED = "erased", pgettext_lazy("request", "erased")
    REFUSED = "refused", pgettext_lazy("request", "refused")


FITTING = {
    Kind.SEE: (Outcome.GIVEN, Outcome.REFUSED),
    Kind.CORRECT: (Outcome.CORRECTED, Outcome.REFUSED),
    Kind.DELETE: (Outcome.ERASED, Outcome.REFUSED),
}
"""What can come of which kind."""


class Ground(models.TextChoices):
    """The legal reasons for which a wish is refused."""

    CASE_OPEN = "case_open", pgettext_lazy("request", "the matter is still being handled")
    LEGAL_DUTY = "legal_duty", pgettext_lazy("request", "a law says that it is kept (art. 47)")
    PUBLIC_DUTY = "public_duty", pgettext_lazy("request", "needed for a legal duty (art. 13, 34)")
    LITIGATION = "litigation", pgettext_lazy("request", "held for a court or an investigation")
    SECRET = (
        "secret",
        pgettext_lazy("request", "secret by law, or it would hinder a duty (art. 18)"),
    )
    OTHERS = "others", pgettext_lazy("request", "it tells of somebody else")
    NOT_SHOWN = "not_shown", pgettext_lazy("request", "not shown to be wrong (art. 46)")
    IMPOSSIBLE = "impossible", pgettext_lazy("request", "cannot be changed: the log of events")


DESKS = frozenset({Role.DISPATCHER})


class PersonRequestQuerySet(models.QuerySet["PersonRequest"]):
    """Requests, narrowed. Everything that a person sees is loaded through `visible_to`."""

    def visible_to(self, actor: Actor) -> Self:
        """Those that were taken at desks of the area, to its dispatchers and leaders."""
        if actor.is_system:
            return self
        if not (actor.role in DESKS or actor.is_leader) or not actor.area_code:
            return self.none()
        return self.filter(area_code__startswith=actor.area_code)


class PersonRequest(models.Model):
    """One person's request, taken at a desk.

    Attributes:
        area_code: the desk's.
        year, serial: its number, in the series of the district.
        name, id_number, phone: of who asked, sealed; by the last two their records are found.
        person, member: whose record it is, where a name was narrowed down to one.
        words: what was asked for.
        due_at: the end of fifteen working days.
        rung: what was told of the deadline: 1 that it is near, 2 that it has passed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    known = models.CharField(max_length=12, choices=Known.choices)
    name_enc = models.BinaryField()
    name_masked = models.CharField(max_length=20)
    name_index = models.BinaryField(null=True)
    id_number_enc = models.BinaryField(null=True)
    id_number_masked = models.CharField(max_length=20, blank=True, default="")
    id_number_index = models.BinaryField(null=True)
    phone_enc = models.BinaryField(null=True)
    phone_masked = models.CharField(max_length=20, blank=True, default="")
    phone_index = models.BinaryField(null=True)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    member = models.ForeignKey(PartyMember, models.SET_NULL, null=True, related_name="+")
    words = models.TextField(blank=True, default="")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    taken_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    rung = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    objects = PersonRequestQuerySet.as_manager()

    class Meta:
        db_table = "person_request"
        ordering = ["-taken_at", "-id"]
        verbose_name = _("person's request")
        verbose_name_plural = _("people's requests")
        constraints = [
            models.UniqueConstraint(
                name="person_request_number_once", fields=["district_code", "year", "serial"]
            ),
            models.CheckConstraint(
                name="person_request_in_its_district",
                condition=Q(district_code=Left("area_code", 6)),
            ),
            models.CheckConstraint(
                name="person_request_by_a_number",
                condition=Q(id_number_index__isnull=False)
                | Q(phone_index__isnull=False)
                | Q(known__in=["by_name", "address", "born"], name_index__isnull=False)
                | Q(name_enc=b""),
            ),
            models.CheckConstraint(
                name="person_request_due_ahead", condition=Q(due_at__gt=F("taken_at"))
            ),
            models.CheckConstraint(
                name="person_request_steps",
                condition=Q(state="open", decided_at__isnull=True, answered_at__isnull=True)
                | Q(state="decided", decided_at__isnull=False, answered_at__isnull=True)
                | Q(state="answered", decided_at__isnull=False, answered_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index("area_code", "taken_at", name="person_request_of_desk"),
            models.Index("due_at", name="person_request_open", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"{self.year}-{self.serial:04d}"


class RequestRecord(models.Model):
    """One record that was found of the person, and what was decided of it.

    Attributes:
        taken_by: who took the request; whoever decides is somebody else.
        reason: of a refusal.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(PersonRequest, models.CASCADE, related_name="records")
    subject = models.CharField(max_length=12)
    subject_id = models.UUIDField()
    area_code = models.CharField(max_length=15)
    found_at = models.DateTimeField()
    taken_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default="")
    reason = models.CharField(max_length=12, choices=Ground.choices, blank=True, default="")
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "person_request_record"
        ordering = ["subject", "found_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="person_request_record_once", fields=["request", "subject", "subject_id"]
            ),
            models.CheckConstraint(
                name="person_request_record_takes_two",
                condition=Q(outcome="", decided_by__isnull=True, decided_at__isnull=True)
                | (
                    ~Q(outcome="")
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(decided_by=F("taken_by"))
                ),
            ),
            models.CheckConstraint(
                name="person_request_record_refused_for_a_reason",
                condition=Q(outcome="refused") & ~Q(reason="")
                | ~Q(outcome="refused") & Q(reason=""),
            ),
        ]
        indexes = [models.Index("subject", "subject_id", name="person_request_record_of")]


class RequestStep(models.Model):
    """One step of a request. Append only; ids, codes and numbers, nothing of the person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(PersonRequest, models.CASCADE, related_name="steps")
    seq = models.PositiveIntegerField()
    verb = models.CharField(max_length=12)
    at = models.DateTimeField()
    by_account = models.BigIntegerField(null=True)
    role = models.CharField(max_length=24, blank=True, default="")
    data: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta:
        db_table = "person_request_step"
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(name="person_request_step_once", fields=["request", "seq"])
        ]
