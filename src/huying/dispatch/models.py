"""Orders, and what is suggested before one is written, as the database keeps them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.cases.models import Case
from huying.cases.reasons import ReturnReason
from huying.people.models import Unit


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
        ]


class LikelyDuplicate(models.Model):
    """Two open cases that may be the same matter; found by a job after the report."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="likely_duplicates")
    district_code = models.CharField(max_length=6)
    other = models.ForeignKey(Case, models.CASCADE, related_name="+")
    metres = models.FloatField(null=True)
    likeness = models.FloatField(help_text="of the words, 0 to 1")

    class Meta:
        db_table = "likely_duplicate"
        ordering = ["-likeness"]
        constraints = [
            models.UniqueConstraint(name="likely_duplicate_once", fields=["case", "other"]),
        ]
