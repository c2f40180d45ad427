"""Signed sources on the admin site, for the security administrator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from huying.cases.outside_admin import RotateForm
from huying.errors import HuyingError
from huying.intake import device_alarms, hotline
from huying.intake.models import Source
from huying.notices.models import Subscription
from huying.people.admin_site import GuardedAdmin
from huying.people.powers import Power, Subject, may
from huying.places import naming


class SourceForm(forms.Form):
    """What is needed of a hotline, or of a source of alarms, which is told nothing."""

    kind = forms.ChoiceField(label=_("kind"), choices=Source.Kind.choices)
    code = forms.SlugField(
        label=_("code"), max_length=20, help_text=_("Part of the address it sends to.")
    )
    name = forms.CharField(label=_("name"), max_length=60)
    url = forms.URLField(
        label=_("address that it is told at"),
        max_length=300,
        assume_scheme="https",
        required=False,
        help_text=_("For a hotline only."),
    )
    area_code = forms.CharField(label=_("area"), max_length=15, initial="440113")

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if Source.objects.filter(code=code).exists():
            raise forms.ValidationError(_("There is a source of this code or name already."))
        return code

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        taken = Source.objects.filter(name=name).exists()
        if taken or Subscription.objects.filter(name=name).exists():
            raise forms.ValidationError(_("There is a source of this code or name already."))
        return name

    def clean_area_code(self) -> str:
        code: str = self.cleaned_data["area_code"]
        if not naming.is_place(code):
            raise forms.ValidationError(_("There is no division with this code."))
        return code


def _connected(told: dict[str, Any]) -> tuple[Source, str, str]:
    """The new source, the secret of what it sends, and that of what it is sent, if anything is."""
    now = timezone.now()
    if told["kind"] == Source.Kind.ALARMS:
        return (*device_alarms.connect(told["code"], told["name"], now=now), "")
    code, name, url = told["code"], told["name"], told["url"]
    return hotline.connect(code, name, url, area=told["area_code"], now=now)


@admin.register(Source)
class SourceAdmin(GuardedAdmin):
    """Made on a page of its own, which shows the secrets once; set to rest, never deleted."""

    subject = Subject.INTEGRATIONS
    list_display = ("name", "code", "kind", "active", "created_at", "new_secret")
    fields = ("active", "fold_hours", "fold_metres", "grave_kinds")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("add/", view(self.connect), name="huying_source_add"),
            path("<uuid:pk>/rotate/", view(self.rotate), name="huying_source_rotate"),
        ]
        urls: list[URLPattern] = super().get_urls()
        return own + urls

    @admin.display(description=_("new secret"))
    def new_secret(self, row: Source) -> str:
        url = reverse("admin:huying_source_rotate", args=[row.pk])
        return format_html('<a href="{}">{}</a>', url, now_("Rotate"))

    def rotate(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The form, and then the new secrets, once."""
        self._only_who_may(request)
        source = self.get_object(request, str(pk))
        if source is None:
            raise Http404
        form = RotateForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            hours = form.cleaned_data["grace_hours"]
            secrets = hotline.rotate(source, grace_hours=hours, now=timezone.now())
            self.leave_record(request, "rotate_source_secret", source)
            return self._told(request, source, *secrets)
        context = self.admin_site.each_context(request) | {"opts": self.opts, "form": form}
        context |= {"title": now_("A new secret for %(name)s") % {"name": source.name}}
        return TemplateResponse(request, "admin/plain_form.html", context)

    def _only_who_may(self, request: HttpRequest) -> None:
        actor = getattr(request, "actor", None)
        if actor is None or not may(actor.role, Power.CHANGE, self.subject):
            raise PermissionDenied

    def _told(self, request: HttpRequest, source: Source, theirs: str, ours: str) -> HttpResponse:
        rows = [(now_("%s: what it sends") % source.name, theirs, "")]
        if ours:
            rows.append((now_("%s: what it is sent") % source.name, ours, ""))
        return self.told_once(
            request, now_("The secrets of %(name)s") % {"name": source.name}, rows
        )

    def connect(self, request: HttpRequest) -> HttpResponse:
        """The form, and then both secrets, once."""
        self._only_who_may(request)
        form = SourceForm(request.POST or None)
        context: dict[str, Any] = self.admin_site.each_context(request) | {"opts": self.opts}
        if request.method == "POST" and form.is_valid():
            try:
                source, theirs, ours = _connected(form.cleaned_data)
            except HuyingError as error:
                form.add_error("url", str(error))
            else:
                self.leave_record(request, "connect_source", source)
                return self._told(request, source, theirs, ours)
        context |= {"title": now_("Connect a hotline, cameras or sensors"), "form": form}
        return TemplateResponse(request, "admin/plain_form.html", context)
