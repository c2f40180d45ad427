"""Form fields of the desk: their looks, and what a verb wants of what was typed."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from huying.catalogue.snapshots import CatalogueSnapshot
from huying.errors import Words


class Say(forms.CharField):
    """Words of any length that a verb takes; the verb says what is too long."""

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), strip=True, **kwargs)


class Pick(forms.ChoiceField):
    """A few choices side by side, each one press away."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(widget=forms.RadioSelect(), **kwargs)


class Picks(forms.MultipleChoiceField):
    """Any of a few choices side by side."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(widget=forms.CheckboxSelectMultiple(), **kwargs)


class List(forms.ChoiceField):
    """One of a list that may be long. Whether the choice may be made is the verb's to say."""

    def __init__(self, *, empty: Words = "", **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        self.empty = empty
        super().__init__(widget=forms.Select(), **kwargs)

    def offer(self, choices: Iterable[Any]) -> None:
        self.choices = [("", self.empty), *choices]


class Photos(forms.Field):
    """Ids of photos that were sent up before; the form's view adds those sent with it."""

    widget = forms.MultipleHiddenInput

    def __init__(self, *, kind: str, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        self.kind = kind
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> list[UUID]:
        try:
            return [UUID(str(each)) for each in value or [] if each]
        except ValueError:
            raise forms.ValidationError(_("A photo is not there or is used already.")) from None


class Documents(Photos):
    """Ids of PDF files, sent up as photos are."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(kind="document", **kwargs)


class When(forms.DateTimeField):
    """A moment to the minute, in the time zone of the pages."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
            **kwargs,
        )


def photos_named(form: forms.Form, name: str) -> list[str]:
    """The ids of photos that a form came with; none in a form that was not sent."""
    sent = form.data
    return sent.getlist(name) if isinstance(sent, QueryDict) else []


def items_by_category(
    catalogue: CatalogueSnapshot, area_code: str | None = None
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """The items in use, under their categories, for a select; of a place with those on trial."""
    used = catalogue.active if area_code is None else catalogue.active_in(area_code)
    return tuple(
        (category, tuple((item.code, f"{item.code} {item.name}") for item in items))
        for category, items in groupby(used, key=lambda item: item.category)
    )
