"""Forms for administrators: a version's fields, a file that comes in."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.catalogue.models import Category, ItemVersion
from huying.catalogue.validating import FIELDS, InvalidItem, bilingual
from huying.people.models import Unit

LARGEST_UPLOAD = 1_000_000
"""Bytes; the page carries the file from the preview to the import."""


class WordsField(forms.CharField):
    """A list of words, written with ``;`` or line breaks between them."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea(attrs={"rows": 2, "cols": 60}))
        options.setdefault("help_text", _("Separate several with ; or a new line."))
        super().__init__(required=False, **options)

    def prepare_value(self, value: Any) -> Any:
        return "; ".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        parts = re.split(r"[;；\n]", value or "")
        return [part.strip() for part in parts if part.strip()]


class VersionForm(forms.ModelForm):
    """What a version states and from when. It only reads and shows; ``versions`` decides."""

    valid_from = forms.SplitDateTimeField(label=_("valid from"), widget=AdminSplitDateTime)
    assisting_departments = WordsField(label=_("assisting departments"))
    escalate_words = WordsField(
        label=_("escalate words"),
        help_text=_("A report that tells of one of these is proposed as an emergency."),
    )

    class Meta:
        model = ItemVersion
        fields = ("valid_from", *FIELDS)
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2, "cols": 60}),
            "example": forms.Textarea(attrs={"rows": 2, "cols": 60}),
            "photo_rule": forms.Select(
                choices=[("", "—"), ("no_face", _("show no faces"))],
            ),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        names = Unit.objects.exclude(department="").order_by("department")
        known = list(names.values_list("department", flat=True).distinct())
        if known:
            self.fields["lead_department"].help_text = "、".join(known)

    @classmethod
    def filled(cls, version: ItemVersion) -> VersionForm:
        """The form as it is shown first: all as it is now, from now on."""
        now = timezone.localtime().replace(second=0, microsecond=0)
        initial = {name: getattr(version, name) for name in FIELDS}
        return cls(initial=initial | {"valid_from": now})

    def _post_clean(self) -> None:
        """Leaves the model's own checks alone: ``versions`` tells every fault in one place."""

    def stated(self) -> dict[str, Any]:
        """The fields as ``versions.change`` takes them."""
        return {name: self.cleaned_data[name] for name in FIELDS}

    @property
    def since(self) -> datetime:
        since: datetime = self.cleaned_data["valid_from"]
        return since

    def refuse(self, error: InvalidItem) -> None:
        """Shows each fault at its field."""
        for problem in error.problems:
            field = problem.field if problem.field in self.fields else None
            self.add_error(field, str(bilingual(problem.zh, problem.en)))


class NewItemForm(VersionForm):
    """An item that is not there yet."""

    code = forms.RegexField(r"^\d{4}$", label=_("code"), help_text=_("Four digits."))
    category = forms.CharField(
        label=_("category"),
        required=False,
        max_length=40,
        help_text=_("Only when the code's first two digits name a new category."),
    )
    field_order = ("code", "category")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        known = "、".join(f"{each.code} {each.name}" for each in Category.objects.all())
        self.fields["code"].help_text = known


class ImportForm(forms.Form):
    """A file and the date from which what differs shall hold."""

    file = forms.FileField(label=_("file"), help_text=_("CSV or Excel (.xlsx)"))
    valid_from = forms.SplitDateTimeField(label=_("valid from"), widget=AdminSplitDateTime)

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_UPLOAD:
            raise forms.ValidationError(_("The file is too large."))
        data: bytes = file.read()
        return data


_SALT = "huying.catalogue.import"


def carry(data: bytes, valid_from: datetime) -> str:
    """A previewed file as text that a page can hold until it is confirmed."""
    held = {"data": base64.b64encode(data).decode(), "from": valid_from.isoformat()}
    return signing.dumps(held, salt=_SALT, compress=True)


def carried(text: str) -> tuple[bytes, datetime]:
    """What ``carry`` put away, for up to an hour.

    Raises:
        signing.BadSignature: it was changed, or is too old.
    """
    held: Mapping[str, str] = signing.loads(text, salt=_SALT, max_age=3600)
    return base64.b64decode(held["data"]), datetime.fromisoformat(held["from"])
