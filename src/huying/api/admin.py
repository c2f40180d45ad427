"""Connected systems and their tokens on the admin site, for the security administrator."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from huying.api import rotating, tokens
from huying.api.models import Integration, Token
from huying.audit.models import AccessLog
from huying.errors import HuyingError
from huying.people.admin_site import GuardedAdmin, actor_of, site
from huying.people.models import CASELESS, Account, Role
from huying.people.powers import Power, Subject, may
from huying.places import naming


class IntegrationForm(forms.ModelForm):
    """A connected system; ``tokens.connect`` has the rules."""

    role = forms.ChoiceField(
        label=_("role"),
        choices=[(role.value, role.label) for role in Role if role not in CASELESS],
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


class RotateForm(forms.Form):
    """How long the old secret still works, and how long the new one lives."""

    grace_hours = forms.IntegerField(
        label=_("hours for which the old one still works (0: ends at once)"),
        min_value=0,
        max_value=rotating.LONGEST_GRACE_HOURS,
        initial=rotating.GRACE_HOURS,
    )
    days = forms.IntegerField(
        label=_("days until the new one ends (empty: as long as the old one was given)"),
        min_value=1,
        max_value=tokens.LONGEST_DAYS,
        required=False,
    )


class RecordedAdmin(GuardedAdmin):
    """Its records say what the system acts as, so that the auditor need not look it up."""

    def leave_record(
        self, request: HttpRequest, action: str, obj: Any, fields: list[str] | None = None
    ) -> None:
        by = actor_of(request)
        tokens.record(action, obj, by=by, now=timezone.now(), fields=fields or [])


@admin.register(Integration)
class IntegrationAdmin(RecordedAdmin):
    """Made by one security administrator, as posts are granted by one; the auditor is told."""

    subject = Subject.INTEGRATIONS
    form = IntegrationForm
    list_display = ("name", "role", "area_code", "unit", "active", "created_at")
    list_select_related = ("unit",)
    fields = ("name", "role", "area_code", "unit", "active")
    autocomplete_fields = ("unit",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("name", "role", "area_code", "unit") if obj else ()


@admin.register(Token)
class TokenAdmin(RecordedAdmin):
    """Issued and replaced on pages of their own, which show the secret once; never deleted."""

    subject = Subject.INTEGRATIONS
    list_display = (
        "integration",
        "hint",
        "standing",
        "scopes",
        "expires_at",
        "used_on",
        "replaced_by",
        "new_secret",
    )
    list_select_related = ("integration", "replaced_by")
    ordering = ("integration__name", "-created_at")
    exclude = ("digest",)
    actions = ["revoke"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return self._may(request, Power.CHANGE)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("add/", view(self.issue), name="huying_token_add"),
            path("<int:pk>/rotate/", view(self.rotate), name="huying_token_rotate"),
        ]
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
            self.leave_record(request, "issue_token", token, token.scopes)
            return self.told_once(request, now_("New token"), [(token.integration, secret, "")])
        context |= {"title": now_("Issue a token")}
        return TemplateResponse(request, "admin/plain_form.html", context)

    @admin.display(description=_("state"))
    def standing(self, token: Token) -> str:
        return str(rotating.standing(token, timezone.now()).label)

    @admin.display(description=_("new secret"))
    def new_secret(self, token: Token) -> str:
        """The way to the page that replaces it, where there is something to replace."""
        stands = rotating.standing(token, timezone.now())
        if stands not in (rotating.Standing.LIVE, rotating.Standing.ENDING):
            return ""
        url = reverse("admin:huying_token_rotate", args=[token.pk])
        return format_html('<a href="{}">{}</a>', url, now_("Rotate"))

    def rotate(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form, and then the new secret, once."""
        token = self.get_object(request, str(pk))
        actor = getattr(request, "actor", None)
        if actor is None or not may(actor.role, Power.CHANGE, self.subject):
            raise PermissionDenied
        if token is None:
            raise Http404
        form = RotateForm(request.POST or None)
        context = self.admin_site.each_context(request) | {"opts": self.opts, "form": form}
        if request.method == "POST" and form.is_valid():
            try:
                new, secret = rotating.rotate(
                    token.pk,
                    grace_hours=form.cleaned_data["grace_hours"],
                    days=form.cleaned_data["days"],
                    by=actor,
                    now=timezone.now(),
                )
            except HuyingError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
            else:
                return self.told_once(request, now_("New token"), [(new.integration, secret, "")])
        context |= {
            "title": now_("A new secret for %(name)s, in place of %(hint)s…")
            % {"name": token.integration.name, "hint": token.hint}
        }
        return TemplateResponse(request, "admin/plain_form.html", context)

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Token]) -> None:
        for token in chosen.filter(revoked_at__isnull=True):
            tokens.revoke(token.pk, now=timezone.now())
            self.leave_record(request, "revoke_token", token)
        messages.success(request, now_("Revoked."))


def _ending() -> list[str]:
    """A sentence for each token that ends soon."""
    return [
        now_("The token %(hint)s… of %(name)s ends on %(day)s. Rotate it in time.")
        % {
            "hint": token.hint,
            "name": token.integration.name,
            "day": timezone.localtime(token.expires_at).strftime("%Y-%m-%d %H:%M"),
        }
        for token in rotating.ending(timezone.now())
    ]


TOLD_FOR: Final = timedelta(days=30)
MOST_TOLD: Final = 20


def _issued() -> list[str]:
    """A sentence for each token issued lately, for the auditor: one person alone did it."""
    lately = Token.objects.filter(created_at__gt=timezone.now() - TOLD_FOR)
    rows = list(lately.select_related("integration__unit").order_by("-created_at")[:MOST_TOLD])
    said = AccessLog.objects.filter(
        action="issue_token", subject_type="token", subject_id__in=[str(row.pk) for row in rows]
    )
    by = {each.subject_id: each.account_id or 0 for each in said}
    names = dict(Account.objects.filter(pk__in=by.values()).values_list("pk", "name"))
    sentences = [
        now_(
            "%(day)s: %(who)s issued the token %(hint)s… to %(name)s, "
            "which acts as %(role)s in %(place)s."
        )
        % {
            "day": timezone.localtime(row.created_at).strftime("%Y-%m-%d %H:%M"),
            "who": names.get(by.get(str(row.pk), 0), now_("the command line")),
            "hint": row.hint,
            "name": row.integration.name,
            "role": Role(row.integration.role).label,
            "place": row.integration.unit or naming.names(row.integration.area_code),
        }
        for row in rows
    ]
    if (more := lately.count() - len(rows)) > 0:
        told = now_("%(count)s more tokens were issued; see the access log.")
        sentences.append(told % {"count": more})
    return sentences


site.add_notices(Subject.INTEGRATIONS, _ending)
site.add_notices(Subject.ACCESS_LOG, _issued, to=Power.VIEW)
