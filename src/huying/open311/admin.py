"""Keys of apps on the admin site, for the security administrator."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from huying.open311 import keys
from huying.open311.models import Open311Key
from huying.people.admin_site import GuardedAdmin
from huying.people.powers import Power, Subject, may


class KeyForm(ModelForm):
    class Meta:
        model = Open311Key
        fields = ("name", "per_minute")


@admin.register(Open311Key)
class Open311KeyAdmin(GuardedAdmin):
    """Made on a page of its own, which shows the secret once; revoked, never deleted."""

    subject = Subject.INTEGRATIONS
    list_display = ("name", "hint", "per_minute", "created_at", "used_on", "revoked_at")
    fields = ("name", "per_minute")
    ordering = ("name",)
    actions = ["revoke"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return self._may(request, Power.CHANGE)

    def get_urls(self) -> list[URLPattern]:
        own = path("add/", self.admin_site.admin_view(self.issue), name="huying_open311key_add")
        urls: list[URLPattern] = super().get_urls()
        return [own, *urls]

    def issue(self, request: HttpRequest) -> HttpResponse:
        """The form, and then the secret, once."""
        actor = getattr(request, "actor", None)
        if actor is None or not may(actor.role, Power.CHANGE, self.subject):
            raise PermissionDenied
        form = KeyForm(request.POST or None)
        context: dict[str, Any] = self.admin_site.each_context(request) | {"opts": self.opts}
        if request.method == "POST" and form.is_valid():
            key, secret = keys.issue(
                form.cleaned_data["name"],
                per_minute=form.cleaned_data["per_minute"],
                now=timezone.now(),
            )
            self.leave_record(request, "issue_open311_key", key)
            return self.told_once(request, now_("New Open311 key"), [(key.name, secret, "")])
        context |= {"title": now_("Make an Open311 key"), "form": form}
        return TemplateResponse(request, "admin/plain_form.html", context)

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Open311Key]) -> None:
        for key in chosen:
            if keys.revoke(key.pk, now=timezone.now()):
                self.leave_record(request, "revoke_open311_key", key)
        messages.success(request, now_("Revoked."))
