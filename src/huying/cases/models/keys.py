"""The keys that make a write from outside safe to try again."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


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
