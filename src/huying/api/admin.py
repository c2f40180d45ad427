"""Connected systems and their tokens on the admin site, for the security administrator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from huying.api import tokens
from huying.api.models import Integration, Token
from huying.errors import HuyingError
from huying.people.admin_site import GuardedAdmin
from huying.people.models import GUARDIANS, Role
from huying.people.powers import Power, Subject, may


class IntegrationForm(forms.ModelForm):
    """A connected system; ``tokens.connect`` has the rules."""

    role = forms.ChoiceField(
        label=_("role"),
        choices=[(role.value, role.label) for role in Role if role not in GUARDIANS],
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors or self.instance.pk is not None:
            return cleaned
        try:
            self.instance = tokens.connect(
                cleaned["name"],
                role=cleaned["role"],
                area_code=cleaned["area_code"],
                unit=cleaned["unit"],
                now=timezone.now(),
            )
        except HuyingError as error:
            field = "area_code" if error.field == "area" else error.field
            self.add_error(field if field in self.fields else None, str(error))
        return cleaned


class TokenForm(forms.Form):
    """What a new token is for, and how long it lives."""

    integration = forms.ModelChoiceField(
        Integration.objects.filter(active=True), label=_("integration")
    )
    scopes = forms.MultipleChoiceField(
        label=_("scopes"),
        choices=[(scope.value, scope.value) for scope in tokens.Scope],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.IntegerField(
        label=_("days until it ends"), min_value=1, max_value=tokens.LONGEST_DAYS, initial=365
    )


@admin.register(Integration)
class IntegrationAdmin(GuardedAdmin):
    subject = Subject.INTEGRATIONS
    form = IntegrationForm
    list_display = ("name", "role", "area_code", "unit", "active", "created_at")
    list_select_related = ("unit",)
    fields = ("name", "role", "area_code", "unit", "active")
    autocomplete_fields = ("unit",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("name", "role", "area_code", "unit") if obj else ()


@admin.register(Token)
class TokenAdmin(GuardedAdmin):
    """Issued on a page of its own, which shows the secret once; revoked, never deleted."""

    subject = Subject.INTEGRATIONS
    list_display = ("integration", "hint", "scopes", "created_at", "expires_at", "revoked_at")
    list_select_related = ("integration",)
    exclude = ("digest",)
    actions = ["revoke"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return self._may(request, Power.CHANGE)

    def get_urls(self) -> list[URLPattern]:
        own = [path("add/", self.admin_site.admin_view(self.issue), name="huying_token_add")]
        urls: list[URLPattern] = super().get_urls()
        return own + urls

    def issue(self, request: HttpRequest) -> HttpResponse:
        """The form, and then the secret, once."""
        actor = getattr(request, "actor", None)
        if actor is None or not may(actor.role, Power.CHANGE, self.subject):
            raise PermissionDenied
        form = TokenForm(request.POST or None)
        context = self.admin_site.each_context(request) | {"opts": self.opts, "form": form}
        if request.method == "POST" and form.is_valid():
            token, secret = tokens.issue(
                form.cleaned_data["integration"],
                scopes=form.cleaned_data["scopes"],
                days=form.cleaned_data["days"],
                now=timezone.now(),
            )
            self.leave_record(request, "issue_token", token)
            rows = [(token.integration, secret, "")]
            context |= {"title": now_("New token"), "rows": rows}
            response = TemplateResponse(request, "admin/told_once.html", context)
            response.headers["Cache-Control"] = "no-store"
            return response
        context |= {"title": now_("Issue a token")}
        return TemplateResponse(request, "admin/plain_form.html", context)

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Token]) -> None:
        for token in chosen.filter(revoked_at__isnull=True):
            tokens.revoke(token.pk, now=timezone.now())
            self.leave_record(request, "revoke_token", token)
        messages.success(request, now_("Revoked."))
