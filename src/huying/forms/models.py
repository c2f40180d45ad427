"""Forms as the database keeps them: a row for each version, and one for the draft of the next."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class FormVersion(models.Model):
    """What an owner asks, in one version. Published, it is never changed: answers refer to it.

    The draft of the next version is the one row without a number.
    """

    id = models.BigAutoField(primary_key=True)
    owner = models.CharField(
        max_length=40, help_text="what asks, as its kind and its code: item:0203"
    )
    version = models.PositiveIntegerField(_("version"), null=True)
    definition = models.JSONField(help_text="as docs/forms.md describes it")
    changed_at = models.DateTimeField()
    changed_by = models.BigIntegerField(null=True, help_text="an account's number")
    published_at = models.DateTimeField(null=True)
    published_by = models.BigIntegerField(null=True, help_text="an account's number")

    class Meta:
        db_table = "form_version"
        ordering = ["owner", "version"]
        verbose_name = _("questions")
        verbose_name_plural = _("questions")
        constraints = [
            models.UniqueConstraint(name="form_version_once", fields=["owner", "version"]),
            models.UniqueConstraint(
                name="form_one_draft", fields=["owner"], condition=Q(version__isnull=True)
            ),
            models.CheckConstraint(
                name="form_published_has_number",
                condition=Q(version__isnull=True, published_at__isnull=True)
                | Q(version__isnull=False, published_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner} {self.version or '—'}"
