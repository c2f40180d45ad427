"""The resident behind a case as the database keeps them: a code to follow by, questions, what they
said of the handling, and their wish to be forgotten. No name, no phone: those are the contact's.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.cases.models import Case


class ResidentLink(models.Model):
    """What a resident follows a case by. Of the code only its hash is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.OneToOneField(Case, models.CASCADE, related_name="resident_link")
    district_code = models.CharField(max_length=6)
    code_hash = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    photos = models.JSONField(default=list, help_text="photos that the desk lets them see")

    class Meta:
        db_table = "resident_link"


class ResidentAsk(models.Model):
    """A question to the resident, open until it is answered. Its words stand with its event."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="resident_asks")
    district_code = models.CharField(max_length=6)
    seq = models.PositiveIntegerField(help_text="of the event it came with")
    unit_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answer_seq = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "resident_ask"
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(
                name="resident_ask_one_open", fields=["case"], condition=Q(answered_at__isnull=True)
            ),
        ]


class CallBack(models.Model):
    """回访: what the resident says of a closed case, by phone or link; or that none was."""

    class Way(models.TextChoices):
        PHONE = "phone", _("by phone")
        LINK = "link", _("by the link")

    class Outcome(models.TextChoices):
        REACHED = "reached", _("reached, and answered")
        NOT_REACHED = "not_reached", _("not reached")
        REFUSED = "refused", _("did not want to answer")
        WRONG_NUMBER = "wrong_number", _("wrong number")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="call_backs")
    district_code = models.CharField(max_length=6)
    round = models.PositiveSmallIntegerField(help_text="how often the case was reopened by then")
    seq = models.PositiveIntegerField()
    way = models.CharField(max_length=5, choices=Way.choices)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    responded = models.BooleanField(null=True)
    solved = models.BooleanField(null=True)
    satisfied = models.BooleanField(null=True)
    fairly_satisfied = models.BooleanField(default=False, help_text="the answer between the two")
    at = models.DateTimeField()

    class Meta:
        db_table = "call_back"
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                name="call_back_valid_once",
                fields=["case", "round"],
                condition=Q(outcome="reached"),
            ),
            models.CheckConstraint(
                name="call_back_valid_has_answers",
                condition=Q(
                    outcome="reached",
                    responded__isnull=False,
                    solved__isnull=False,
                    satisfied__isnull=False,
                )
                | (
                    ~Q(outcome="reached")
                    & Q(responded__isnull=True, solved__isnull=True, satisfied__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="call_back_one_degree_of_satisfaction",
                condition=Q(fairly_satisfied=False) | Q(outcome="reached", satisfied=False),
            ),
        ]
        indexes = [models.Index("at", name="call_back_by_time")]
