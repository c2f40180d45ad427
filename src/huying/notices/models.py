"""The inbox, as the database keeps it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.notices.kinds import KINDS
from huying.people.models import Account


class Notice(models.Model):
    """One thing that one person was told.

    ``key`` names the occasion (a case's event, a rung of the ladder): telling of the same occasion
    twice tells it once, whoever repeats it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="notices")
    district_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    alarm = models.BooleanField()
    case_id = models.UUIDField(null=True)
    case_number = models.CharField(max_length=25, blank=True)
    path = models.CharField(max_length=200, blank=True, help_text="the page of ours it leads to")
    data = models.JSONField(default=dict, help_text="what fills in the kind's words")
    created_at = models.DateTimeField()
    told_at = models.DateTimeField(
        db_default=Now(), help_text="when it came into the inbox, by the database's clock"
    )
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notice"
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="notice_once", fields=["account", "kind", "key"]),
        ]
        indexes = [
            models.Index(
                "account", "id", name="notice_unread", condition=models.Q(read_at__isnull=True)
            ),
            models.Index("account", "id", name="notice_of_account"),
            # What came in the last half minute, for whoever has a page open; and what is old.
            models.Index("told_at", name="notice_by_time"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        # A kind that is told of no more has no words; what was told of it stays until it is old.
        return str(KINDS[self.kind].title) if self.kind in KINDS else gettext("notice")

    @property
    def body(self) -> str:
        """The sentence in the reader's language."""
        data: dict[str, Any] = self.data
        return str(KINDS[self.kind].body).format_map(data) if self.kind in KINDS else ""
