"""Where the administrator keeps why people are on the care list, and how often they are visited."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.care.listing import follow_level
from huying.care.models import LONGEST_INTERVAL, CareKind, CareLevel
from huying.people.admin_site import GuardedAdmin
from huying.people.powers import Subject


@admin.register(CareKind)
class CareKindAdmin(GuardedAdmin):
    """Why somebody is on the list. One that is no longer used is switched off, and stays named."""

    subject = Subject.CATALOGUE
    list_display = ("name", "code", "minors", "position", "active")
    fields = ("code", "name", "minors", "position", "active")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The code is what people on the list carry."""
        return ("code",) if obj is not None else ()


class CareLevelForm(forms.ModelForm):
    """Says at the field what the database would refuse."""

    days = forms.IntegerField(
        label=_("days between two visits"), min_value=1, max_value=LONGEST_INTERVAL
    )


@admin.register(CareLevel)
class CareLevelAdmin(GuardedAdmin):
    """How often. When the days of a level change, the due days of all on it follow."""

    subject = Subject.CATALOGUE
    form = CareLevelForm
    list_display = ("number", "name", "colour", "days")
    fields = ("number", "name", "colour", "days")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("number",) if obj is not None else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = CareLevel.objects.filter(pk=obj.pk).values_list("days", flat=True).first()
        super().save_model(request, obj, form, change)
        if change and before is not None and before != obj.days:
            follow_level(obj, before, now=timezone.now())
