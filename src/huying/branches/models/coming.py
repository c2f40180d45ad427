"""Who of a called branch or team says that they come, and is there."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from huying.audit.identifiers import new_id
from huying.people.models import Account
from huying.response.whistles import Call


class Coming(models.Model):
    """One person's word to one call. Of the position only the grid and the distance are kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    call = models.ForeignKey(Call, models.CASCADE, related_name="comings")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    comes = models.BooleanField()
    said_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)
    arrived_grid = models.CharField(max_length=15, blank=True, default="")
    arrived_m = models.PositiveIntegerField(null=True, help_text="metres from the spot")

    class Meta:
        db_table = "coming"
        ordering = ["said_at", "id"]
        constraints = [
            models.UniqueConstraint(name="coming_once", fields=["call", "account"]),
            models.CheckConstraint(
                name="coming_arrives_who_comes",
                condition=Q(arrived_at__isnull=True) | Q(comes=True, arrived_at__gte=F("said_at")),
            ),
        ]
