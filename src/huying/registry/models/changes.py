"""What was changed in a register, when and by whom; and which likely doubles are none."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.registry.models.records import Register


class RegisterChange(models.Model):
    """One field of one record became another. Append only; holds nothing that tells of a person.

    Attributes:
        old, new: the values of open and internal fields; those that tell of people are in
            `RegisterChangeWords`.
    """

    class Kind(models.TextChoices):
        MADE = "made", pgettext_lazy("change", "entered")
        CHANGED = "changed", pgettext_lazy("change", "changed")
        CHECKED = "checked", pgettext_lazy("change", "found as it is")
        ENDED = "ended", pgettext_lazy("change", "ended")
        MERGED = "merged", pgettext_lazy("change", "merged")
        ERASED = "erased", pgettext_lazy("change", "erased")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    register = models.CharField(max_length=12, choices=Register.choices)
    record_id = models.UUIDField()
    district_code = models.CharField(max_length=6)
    at = models.DateTimeField(_("at"))
    by_account = models.BigIntegerField(_("by"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    field = models.CharField(_("field"), max_length=20, blank=True, default="")
    old = models.CharField(max_length=300, blank=True, default="")
    new = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        db_table = "register_change"
        ordering = ["-at", "-id"]
        verbose_name = _("change in a register")
        verbose_name_plural = _("changes in registers")
        indexes = [models.Index("register", "record_id", "at", name="register_change_of")]


class RegisterChangeWords(models.Model):
    """The values of a person's field before and after a change. Erasable.

    Attributes:
        old_enc: of a sensitive field.
        old_shown, new_shown: as they were shown, a sensitive one masked.
    """

    change = models.OneToOneField(
        RegisterChange, models.CASCADE, primary_key=True, related_name="words", db_constraint=True
    )
    old_enc = models.BinaryField(null=True)
    old_shown = models.CharField(max_length=300, blank=True, default="")
    new_shown = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        db_table = "register_change_words"


class RegisterApart(models.Model):
    """Two records that look like one, and that somebody found to be two."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    register = models.CharField(max_length=12, choices=Register.choices)
    one = models.UUIDField()
    other = models.UUIDField()
    at = models.DateTimeField()
    by_account = models.BigIntegerField(null=True)

    class Meta:
        db_table = "register_apart"
        constraints = [
            models.UniqueConstraint(
                name="register_apart_once", fields=["register", "one", "other"]
            ),
            models.CheckConstraint(name="register_apart_in_order", condition=Q(one__lt=F("other"))),
        ]
