"""Wall screens on the admin site, for the security administrator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from huying.errors import HuyingError
from huying.people.admin_site import GuardedAdmin, actor_of
from huying.people.powers import Power, Subject, may
from huying.wall import screens
from huying.wall.models import WallScreen


class ScreenForm(forms.Form):
    """Where a new screen stands, what it shows, and how long its secret is good."""

    name = forms.CharField(label=_("name of the screen"), max_length=60)
    area_code = forms.CharField(label=_("code of the district, town or community"), max_length=12)
    days = forms.IntegerField(
        label=_("days until it ends"), min_value=1, max_value=screens.LONGEST_DAYS, initial=365
    )


@admin.register(WallScreen)
class WallScreenAdmin(GuardedAdmin):
    """Made on a page of its own, which shows the secret once; taken back, never deleted."""

    subject = Subject.INTEGRATIONS
    list_display = ("name", "area_code", "hint", "made_at", "expires_at", "revoked_at", "seen_on")
    exclude = ("digest",)
    actions = ["revoke"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return self._may(request, Power.CHANGE)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form, and then the secret, once."""
        actor = actor_of(request)
        if not may(actor.role, Power.CHANGE, self.subject):
            raise PermissionDenied
        form = ScreenForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                screen, secret = screens.make(**form.cleaned_data, by=actor, now=timezone.now())
            except HuyingError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
            else:
                self.leave_record(request, "make_wall_screen", screen)
                link = request.build_absolute_uri(f"{reverse('wall_enter')}#{secret}")
                rows = [(screen.name, secret, ""), (now_("or open this link on it"), link, "")]
                return self.told_once(request, now_("Secret of the new screen"), rows)
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "form": form,
            "title": now_("New wall screen"),
        }
        return TemplateResponse(request, "admin/plain_form.html", context)

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[WallScreen]) -> None:
        for screen in chosen.filter(revoked_at__isnull=True):
            screens.revoke(screen.pk, by=actor_of(request), now=timezone.now())
            self.leave_record(request, "revoke_wall_screen", screen)
        messages.success(request, now_("Revoked."))
