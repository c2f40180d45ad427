"""Appeals with their two or three reviews, and their photos."""

from __future__ import annotations

from typing import Final, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from huying.assessment.scores.models import ScoreVeto
from huying.audit.identifiers import new_id
from huying.cases.models import Attachment, Case
from huying.people.acting import Actor
from huying.people.models import LEADERS, Account, Role, Unit

REVIEWING: Final = frozenset({Role.DISPATCHER, Role.TOWN_LEADER, Role.DISTRICT_LEADER})
"""Who decides on appeals and findings: the desks and leaders of towns and the district."""


def reviews(actor: Actor) -> bool:
    """Whether the post decides on such things at all."""
    return actor.role in REVIEWING and len(actor.area_code) in (6, 9)


_OPEN: Final = Q(state="open") & (Q(veto=None) | Q(veto__state=ScoreVeto.State.APPROVED))


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own, one's unit's, and those of the area for whoever reviews there."""
        if actor.is_system:
            return self
        own = Q(filed_by=actor.account_id)
        if actor.role == Role.HANDLER and actor.unit_id is not None:
            own |= Q(filed_unit=actor.unit_id)
        if reviews(actor) or actor.role in LEADERS:
            own |= Q(area_code__startswith=actor.area_code)
        return self.filter(own)

    def open(self) -> Self:
        """Those to be decided; nothing is where the veto was lifted meanwhile."""
        return self.filter(_OPEN)

    def over(self) -> Self:
        """All others."""
        return self.exclude(_OPEN)


class Appeal(models.Model):
    """申诉: somebody says that a counted fact should not count for them; once.

    Two others agree or not; where they do not, a third decides.

    Attributes:
        kind: what it is against: a counted fact of a case, a veto, a confirmed finding.
        charge: what the fact is held to be (`assessment.charges`); of others their kind.
        seq, called_unit: the fact's event, and of a whistle's call the unit.
        tallies: what leaves the figures if it is granted; of a fact.
        day: on which it counts; of others the day on which it was decided.
        words: of who appeals; and of those who decide.
    """

    class Kind(models.TextChoices):
        FACT = "fact", pgettext_lazy("appeal", "a counted fact")
        VETO = "veto", pgettext_lazy("appeal", "a veto")
        FINDING = "finding", pgettext_lazy("appeal", "a confirmed finding")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("appeal", "to be decided")
        GRANTED = "granted", pgettext_lazy("appeal", "granted")
        REJECTED = "rejected", pgettext_lazy("appeal", "rejected")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=15)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.FACT)
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="appeals")
    veto = models.ForeignKey(ScoreVeto, models.CASCADE, null=True, related_name="appeals")
    finding = models.ForeignKey("Unusual", models.CASCADE, null=True, related_name="appeals")
    charge = models.CharField(max_length=12)
    seq = models.PositiveIntegerField()
    called_unit = models.BigIntegerField(default=0)
    tallies = ArrayField(models.CharField(max_length=24))
    day = models.DateField()
    against_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    against_desk = models.CharField(max_length=12, blank=True, default="")
    words = models.TextField()
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    filed_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    first_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    first_says = models.BooleanField(null=True)
    first_words = models.TextField(blank=True, default="")
    first_at = models.DateTimeField(null=True)
    second_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    second_says = models.BooleanField(null=True)
    second_words = models.TextField(blank=True, default="")
    second_at = models.DateTimeField(null=True)
    third_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    third_says = models.BooleanField(null=True)
    third_words = models.TextField(blank=True, default="")
    third_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = AppealQuerySet.as_manager()

    class Meta:
        db_table = "appeal"
        ordering = ["-filed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="appeal_once", fields=["case", "seq", "charge", "called_unit"]
            ),
            models.UniqueConstraint(name="appeal_once_a_veto", fields=["veto"]),
            models.UniqueConstraint(name="appeal_once_a_finding", fields=["finding"]),
            models.CheckConstraint(
                name="appeal_known",
                condition=Q(state__in=["open", "granted", "rejected"])
                & (
                    Q(kind="fact", case__isnull=False, veto=None, finding=None)
                    | Q(kind="veto", case=None, veto__isnull=False, finding=None)
                    | Q(kind="finding", case=None, veto=None, finding__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="appeal_not_reviewed_by_who_filed_it",
                condition=(Q(first_by=None) | ~Q(first_by=F("filed_by")))
                & (Q(second_by=None) | ~Q(second_by=F("filed_by")))
                & (Q(third_by=None) | ~Q(third_by=F("filed_by"))),
            ),
            models.CheckConstraint(
                name="appeal_reviewed_by_others_each_time",
                condition=(Q(second_by=None) | ~Q(second_by=F("first_by")))
                & (Q(third_by=None) | (~Q(third_by=F("first_by")) & ~Q(third_by=F("second_by")))),
            ),
            # What is unknown would let a check pass: so each names what has to be there.
            models.CheckConstraint(
                name="appeal_reviews_in_order",
                condition=(
                    Q(first_by=None, first_says=None, second_by=None)
                    | Q(first_by__isnull=False, first_says__isnull=False)
                )
                & (
                    Q(second_by=None, second_says=None, third_by=None)
                    | Q(second_by__isnull=False, second_says__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="appeal_third_only_where_two_differ",
                condition=Q(third_by=None, third_says=None)
                | (
                    Q(third_by__isnull=False, third_says__isnull=False, second_by__isnull=False)
                    & (
                        Q(first_says=True, second_says=False)
                        | Q(first_says=False, second_says=True)
                    )
                ),
            ),
            models.CheckConstraint(
                name="appeal_decided_by_two",
                condition=Q(state="open", decided_at=None)
                | (
                    Q(decided_at__isnull=False, second_by__isnull=False)
                    & (
                        Q(state="granted", third_by=None, first_says=True, second_says=True)
                        | Q(state="rejected", third_by=None, first_says=False, second_says=False)
                        | Q(state="granted", third_by__isnull=False, third_says=True)
                        | Q(state="rejected", third_by__isnull=False, third_says=False)
                    )
                ),
            ),
        ]
        indexes = [
            models.Index("area_code", name="appeal_to_decide", condition=Q(state="open")),
            models.Index("filed_by", "filed_at", name="appeal_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id or self.veto_id or self.finding_id} {self.charge}"

    @property
    def is_moot(self) -> bool:
        """Whether a leader lifted the veto before it was decided: there is nothing left to say."""
        return (
            self.state == Appeal.State.OPEN
            and self.veto is not None
            and self.veto.state != ScoreVeto.State.APPROVED
        )


class AppealPhoto(models.Model):
    """Evidence that came with an appeal."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="photos")
    attachment = models.OneToOneField(Attachment, models.CASCADE, related_name="appeal_photo")

    class Meta:
        db_table = "appeal_photo"


class UnusualQuerySet(models.QuerySet["Unusual"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the area, for who decides on them; nobody is shown their own."""
        if actor.is_system:
            return self
        if not reviews(actor):
            return self.none()
        seen = self.filter(area_code__startswith=actor.area_code)
        return seen.exclude(account=actor.account_id).exclude(
            unit__in=actor.units, unit__isnull=False
        )


class Unusual(models.Model):
    """Something that a guard noticed, until a person has looked at it.

    Attributes:
        guard: which (`guards.Guard`).
        key: names it, so that it is noticed once.
        numbers: what speaks for it.
        account, unit: whose it is; figures of others do not change by it.
    """

    class State(models.TextChoices):
        NEW = "new", pgettext_lazy("unusual", "to be looked at")
        CONFIRMED = "confirmed", pgettext_lazy("unusual", "confirmed")
        DISMISSED = "dismissed", pgettext_lazy("unusual", "in order")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=15)
    guard = models.CharField(max_length=10)
    key = models.CharField(max_length=120, unique=True)
    day = models.DateField()
    numbers = models.JSONField(default=dict)
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, related_name="+")
    found_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.NEW)
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    words = models.TextField(blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    objects = UnusualQuerySet.as_manager()

    class Meta:
        db_table = "unusual"
        ordering = ["-day", "-found_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="unusual_decided_by_a_person",
                condition=Q(state="new", decided_by=None, decided_at=None)
                | Q(
                    state__in=["confirmed", "dismissed"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="unusual_not_decided_by_whose_it_is",
                condition=Q(account=None) | Q(decided_by=None) | ~Q(decided_by=F("account")),
            ),
        ]
        indexes = [
            models.Index("area_code", name="unusual_to_look_at", condition=Q(state="new")),
        ]

    def __str__(self) -> str:
        return f"{self.guard} {self.day}"


class UnusualCase(models.Model):
    """A case of a finding."""

    id = models.BigAutoField(primary_key=True)
    finding = models.ForeignKey(Unusual, models.CASCADE, related_name="cases")
    case = models.ForeignKey(Case, models.CASCADE, related_name="unusual")
    place = models.PositiveSmallIntegerField(help_text="in the order of what happened")

    class Meta:
        db_table = "unusual_case"
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(name="unusual_case_once", fields=["finding", "case"]),
        ]
