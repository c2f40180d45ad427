"""What belongs to a case: its words, its address to look for, contacts, parties and photos."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.cases.models.case import Case
from huying.people.models import Account, Unit


class TextKind(models.TextChoices):
    DESCRIPTION = "description", _("description")
    REASON = "reason", _("reason")
    COMMENT = "comment", _("comment")
    RESULT = "result", _("result")
    FORM = "form", _("form")
    REQUIREMENT = "requirement", _("requirement")
    ADDRESSEE = "addressee", _("whom was asked")
    QUESTION = "question", _("question")
    ANSWER = "answer", _("answer")
    FOUND = "found", _("what was found")
    DEMANDED = "demanded", _("what was demanded")
    GOODS = "goods", _("goods")
    CUSTODY = "custody", _("where it is kept")
    TRIED = "tried", _("what was tried")
    NEW_FACTS = "new_facts", _("new facts")
    BASIS = "basis", pgettext_lazy("duties", "basis")


class CaseText(models.Model):
    """Words that belong to a case. Erasable: the event keeps only the salted digest."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="texts")
    district_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=12, choices=TextKind.choices)
    seq = models.PositiveIntegerField(help_text="of the event it came with")
    body = models.TextField(help_text="id and mobile numbers in it are masked")
    hidden_enc = models.BinaryField(null=True, help_text="those numbers, encrypted")
    salt = models.BinaryField(max_length=16)
    digest = models.BinaryField(max_length=32)

    class Meta:
        db_table = "case_text"
        ordering = ["case_id", "seq", "id"]


class CaseAddressWords(models.Model):
    """A case's address as it is looked for: in small letters, with its pinyin initials.

    Apart from the case, whose row every step writes anew, and its indexes with it.
    """

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="+")
    district_code = models.CharField(max_length=6)
    words = models.TextField()

    class Meta:
        db_table = "case_address_words"


class CaseContact(models.Model):
    """How to reach who reported. Encrypted at rest, shown only by a logged reveal."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="contacts")
    district_code = models.CharField(max_length=6)
    seq = models.PositiveIntegerField()
    name_enc = models.BinaryField()
    phone_enc = models.BinaryField()
    name_masked = models.CharField(max_length=20, blank=True)
    phone_masked = models.CharField(max_length=20, blank=True)
    phone_index = models.BinaryField(max_length=32, null=True, db_index=True)
    party = models.BooleanField(
        default=False, db_default=False, help_text="a party to a handling record, no reporter"
    )
    salt = models.BinaryField(max_length=16)
    digest = models.BinaryField(max_length=32)
    resealed = models.BinaryField(
        null=True, help_text="the proof that the digest's content was sealed anew and is the same"
    )

    class Meta:
        db_table = "case_contact"


class CaseParty(models.Model):
    """A unit or account that takes part in a case, and so may see it."""

    class Part(models.TextChoices):
        LEAD = "lead", _("lead unit")
        ASSIST = "assist", _("assisting unit")
        ALARMED = "alarmed", _("alarmed team")
        CALLED = "called", _("called unit")
        VERIFIER = "verifier", _("asked to verify")
        CHECKER = "checker", _("asked to check")
        REPORTER = "reporter", _("reporter")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="parties")
    district_code = models.CharField(max_length=6)
    part = models.CharField(max_length=8, choices=Part.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    since_seq = models.PositiveIntegerField()
    until_seq = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "case_party"
        constraints = [
            models.CheckConstraint(
                name="case_party_is_unit_or_account",
                condition=Q(unit__isnull=False, account__isnull=True)
                | Q(unit__isnull=True, account__isnull=False),
            ),
            models.UniqueConstraint(
                name="case_party_once",
                fields=["case", "part", "unit", "account"],
                condition=Q(until_seq__isnull=True),
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index("unit", "case", name="case_party_unit", condition=Q(unit__isnull=False)),
            models.Index(
                "account", "case", name="case_party_account", condition=Q(account__isnull=False)
            ),
        ]


class Attachment(models.Model):
    """A photo without its EXIF, or a cleaned PDF. Staged until a verb takes it up."""

    class Kind(models.TextChoices):
        PHOTO_BEFORE = "photo_before", _("photo before")
        PHOTO_AFTER = "photo_after", _("photo after")
        OTHER = "other", _("other photo")
        DOCUMENT = "document", _("document")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="attachments")
    district_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    seq = models.PositiveIntegerField(null=True)
    name = models.CharField(
        max_length=100, blank=True, default="", db_default="", help_text="a document's file name"
    )
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    size = models.PositiveIntegerField(help_text="bytes of the stored file")
    digest = models.BinaryField(max_length=32, help_text="SM3 of the stored file")
    uploaded_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, help_text="as the phone that took it says")
    lon = models.FloatField(null=True, help_text="where it was taken, CGCS2000 degrees")
    lat = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    held = models.BooleanField(
        default=False, db_default=False, help_text="taken up by something that is no case"
    )
    look = models.BigIntegerField(
        null=True, help_text="64 bits of what it looks like; like pictures differ in few"
    )
    uploader_kind = models.CharField(max_length=12)
    uploader_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "attachment"
        ordering = ["id"]
