"""Tables of the audit layer: the seals, and who has looked at what.

Seals and access records are insert-only for the application's role; the owner's migration grants
it no more than SELECT and INSERT.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id


class Seal(models.Model):
    """One signed Merkle root over the heads of all cases, chained to the seal before it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.PositiveIntegerField(_("seal number"), unique=True)
    day = models.DateField(_("sealed day"))
    at = models.DateTimeField(_("sealed at"))
    cases = models.PositiveBigIntegerField(_("number of cases"))
    events = models.PositiveBigIntegerField(_("number of events"))
    root = models.BinaryField(_("Merkle root"), max_length=32)
    heads_digest = models.BinaryField(_("digest of the head file"), max_length=32)
    previous = models.BinaryField(_("hash of the seal before"), max_length=32)
    hash = models.BinaryField(_("hash of this seal"), max_length=32)
    key_id = models.CharField(_("signing key"), max_length=64)
    algorithm = models.CharField(_("signature algorithm"), max_length=32)
    signature = models.BinaryField(_("signature"))

    class Meta:
        db_table = "seal"
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number} {self.day:%Y-%m-%d}"


class AccessLog(models.Model):
    """Somebody looked at protected data, or took it out: who, on which post, what, and why.

    It holds identifiers, codes and digests only; never what was seen. The account and the
    post are plain identifiers, because this layer lies below the tables they point to, and
    because a log entry must outlive them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(_("at"))
    account_id = models.BigIntegerField(_("account"), null=True, blank=True)
    post_id = models.BigIntegerField(_("post"), null=True, blank=True)
    role = models.CharField(_("role"), max_length=32, blank=True)
    action = models.CharField(_("action"), max_length=64)
    subject_type = models.CharField(_("kind of subject"), max_length=64)
    subject_id = models.CharField(_("subject"), max_length=64)
    purpose = models.CharField(_("purpose"), max_length=64, blank=True)
    purpose_digest = models.BinaryField(_("digest of the purpose"), max_length=32, blank=True)
    fields = models.JSONField(_("fields shown"), default=list, blank=True)
    area_code = models.CharField(
        _("place of the subject"), max_length=15, blank=True, default="", db_default=""
    )
    occasion = models.CharField(
        _("occasion"),
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text=_("The case or task that was the reason to look."),
    )
    person = models.BinaryField(
        _("mark of the person"), max_length=32, blank=True, default=b"", db_default=b""
    )

    class Meta:
        db_table = "access_log"
        verbose_name = _("access record")
        verbose_name_plural = _("access records")
        ordering = ("-at",)
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "at"], name="access_log_subject"),
            models.Index(fields=["account_id", "at"], name="access_log_account"),
            models.Index(fields=["at"], name="access_log_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.action} {self.subject_type}"


class AccessWords(models.Model):
    """Why somebody looked, in their own words: encrypted, for the auditor, and erasable."""

    entry = models.OneToOneField(
        AccessLog, models.PROTECT, primary_key=True, related_name="purpose_words"
    )
    words_enc = models.BinaryField()

    class Meta:
        db_table = "access_words"


class Resealing(models.Model):
    """A new key, and how far what older ones wrote is sealed anew under it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    purpose = models.CharField(max_length=12)
    key_id = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    tables = models.JSONField(default=list, help_text="those that are done")
    last_id = models.CharField(max_length=64, blank=True, help_text="in the table under way")
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "resealing"
        constraints = [
            models.UniqueConstraint(
                name="resealing_one_at_a_time",
                fields=["purpose"],
                condition=models.Q(done_at__isnull=True),
            )
        ]
