"""Keys of apps, and which cases came from them."""

from __future__ import annotations

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from huying.cases.models import Case

PER_MINUTE = 60


class Open311Key(models.Model):
    """What an app proves itself with when it reports. Only its digest is kept."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=60, unique=True)
    digest = models.BinaryField(max_length=32, unique=True)
    hint = models.CharField(_("begins with"), max_length=10)
    per_minute = models.PositiveIntegerField(
        _("reports a minute"),
        default=PER_MINUTE,
        validators=[MinValueValidator(1), MaxValueValidator(6000)],
    )
    created_at = models.DateTimeField(_("created at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    used_on = models.DateField(_("last used on"), null=True, blank=True)

    class Meta:
        db_table = "open311_key"
        verbose_name = _("Open311 key")
        verbose_name_plural = _("Open311 keys")

    def __str__(self) -> str:
        return self.name


class Open311Request(models.Model):
    """A case that came by this door: what it was reported as, and the token that finds it."""

    case = models.OneToOneField(
        Case, models.CASCADE, primary_key=True, related_name="open311_request"
    )
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.ForeignKey(Open311Key, models.PROTECT, related_name="+")
    service_code = models.CharField(max_length=4)
    requested_at = models.DateTimeField()

    class Meta:
        db_table = "open311_request"
        indexes = [models.Index("requested_at", "case", name="open311_request_by_time")]

    def __str__(self) -> str:
        return str(self.token)
