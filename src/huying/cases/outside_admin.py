"""What leaves the house, on the admin site: templates, webhooks, and messages that failed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Model, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from huying.cases.flow import ROWS
from huying.cases.publishing import TYPE, TYPES
from huying.errors import HuyingError
from huying.notices import rendering, sending, signing, webhooks
from huying.notices.kinds import KINDS
from huying.notices.models import NoticeTemplate, Outgoing, Subscription
from huying.people.admin_site import GuardedAdmin, site
from huying.people.powers import Power, Subject
from huying.places import naming


def _kinds() -> list[tuple[str, str]]:
    return [
        (each.name, f"{each.title} ({', '.join(sorted(rendering.names_for(each.name)))})")
        for each in sorted(KINDS.values(), key=lambda each: (each.group, each.name))
    ]


def _types() -> list[tuple[str, str]]:
    return [
        (each, f"{ROWS[verb].label} · {verb}") for each in TYPES for verb in [each[len(TYPE) :]]
    ]


class TemplateForm(forms.ModelForm):
    """A template; names that its kind does not have are refused."""

    kind = forms.ChoiceField(
        label=_("kind of notice"),
        choices=_kinds,
        help_text=_("In brackets: the names that the text may hold in braces, as in {title}."),
    )
    text = forms.CharField(
        label=_("text"),
        max_length=rendering.LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 70}),
        initial=rendering.USUAL,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                rendering.check(cleaned["kind"], cleaned["text"])
            except HuyingError as error:
                self.add_error(error.field, str(error))
        return cleaned


@admin.register(NoticeTemplate)
class TemplateAdmin(GuardedAdmin):
    """The words of outside messages; without a row of its own a kind has the usual ones."""

    subject = Subject.NOTICES
    form = TemplateForm
    may_delete = True
    list_display = ("__str__", "channel", "text")
    fields = ("kind", "channel", "text")


class SubscriptionForm(forms.ModelForm):
    """A subscriber; where webhooks may go ``webhooks`` knows."""

    url = forms.URLField(
        label=_("address"),
        max_length=300,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"size": 60}),
    )
    types = forms.MultipleChoiceField(
        label=_("types of event"),
        required=False,
        choices=_types,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: all."),
    )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            webhooks.check_url(url)
        except HuyingError as error:
            raise forms.ValidationError(str(error)) from None
        return url

    def clean_area_code(self) -> str:
        code: str = self.cleaned_data["area_code"]
        if not naming.is_place(code):
            raise forms.ValidationError(_("There is no division with this code."))
        return code


class RotateForm(forms.Form):
    """How long the old secret still signs beside the new one."""

    grace_hours = forms.IntegerField(
        label=_("hours for which the old one still signs too (0: ends at once)"),
        min_value=0,
        max_value=signing.LONGEST_GRACE_HOURS,
        initial=24,
    )


@admin.register(Subscription)
class SubscriptionAdmin(GuardedAdmin):
    """Made, changed, set to rest; the secret is shown once, and changed on a page of its own."""

    subject = Subject.NOTICES
    form = SubscriptionForm
    list_display = ("name", "url", "area_code", "active", "told_until", "new_secret")
    fields = ("name", "url", "area_code", "types", "active")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscription]:
        """Subscribers of cases. What another door tells has its own page, or would become one."""
        found: QuerySet[Subscription] = super().get_queryset(request)
        return found.filter(Q(types=[]) | Q(types__overlap=list(TYPES)))

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                "<uuid:pk>/rotate/",
                self.admin_site.admin_view(self.rotate),
                name="huying_subscription_rotate",
            )
        ]
        urls: list[URLPattern] = super().get_urls()
        return own + urls

    @admin.display(description=_("new secret"))
    def new_secret(self, row: Subscription) -> str:
        url = reverse("admin:huying_subscription_rotate", args=[row.pk])
        return format_html('<a href="{}">{}</a>', url, now_("Rotate"))

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        assert isinstance(obj, Subscription)
        now = timezone.now()
        if not change:
            obj.created_at = obj.told_until = now
            request.told_once = signing.give_secret(obj)  # type: ignore[attr-defined]
        elif "active" in form.changed_data and obj.active:
            obj.told_until = now  # what happened while it was at rest is not sent
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._told(request, obj, request.told_once)  # type: ignore[attr-defined]

    def rotate(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The form, and then the new secret, once."""
        if not self._may(request, Power.CHANGE):
            raise PermissionDenied
        row = self.get_object(request, str(pk))
        if row is None:
            raise Http404
        form = RotateForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            hours = form.cleaned_data["grace_hours"]
            secret = signing.rotate(row, grace_hours=hours, now=timezone.now())
            self.leave_record(request, "rotate_webhook_secret", row)
            return self._told(request, row, secret)
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "form": form,
            "title": now_("A new secret for %(name)s") % {"name": row.name},
        }
        return TemplateResponse(request, "admin/plain_form.html", context)

    def _told(self, request: HttpRequest, row: Subscription, secret: str) -> HttpResponse:
        title = now_("The secret of %(name)s") % {"name": row.name}
        return self.told_once(request, title, [(row, secret, "")])


class DropForm(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=200)


@admin.register(Outgoing)
class OutgoingAdmin(GuardedAdmin):
    """What is under way, and what failed: tried again, or dropped with a reason."""

    subject = Subject.NOTICES
    may_add = False
    list_display = ("created_at", "channel", "subscription", "state", "tries", "trouble", "next_at")
    list_filter = ("state", "channel", "alarm")
    list_select_related = ("subscription",)
    fields = (
        "id",
        "channel",
        "subscription",
        "alarm",
        "state",
        "tries",
        "next_at",
        "trouble",
        "reason",
        "created_at",
        "ended_at",
    )
    actions = ["retry", "drop"]
    show_full_result_count = False

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """What failed is on top: it waits for somebody to decide."""
        return [Case(When(state=Outgoing.State.DEAD, then=0), default=1), "-id"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return self._may(request, Power.CHANGE)

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("drop/", self.admin_site.admin_view(self.drop_page), name="huying_outgoing_drop")
        ]
        urls: list[URLPattern] = super().get_urls()
        return own + urls

    @admin.action(description=_("Try again what failed"), permissions=["decide"])
    def retry(self, request: HttpRequest, chosen: QuerySet[Outgoing]) -> None:
        now = timezone.now()
        done = [row for row in chosen if sending.retry(row, now=now)]
        for row in done:
            self.leave_record(request, "retry_outgoing", row)
        messages.success(request, now_("%(n)s are tried again.") % {"n": len(done)})

    @admin.action(description=_("Drop what failed, with a reason"), permissions=["decide"])
    def drop(self, request: HttpRequest, chosen: QuerySet[Outgoing]) -> HttpResponse:
        ids = ",".join(str(pk) for pk in chosen.values_list("pk", flat=True)[:100])
        return HttpResponseRedirect(f"{reverse('admin:huying_outgoing_drop')}?ids={ids}")

    def drop_page(self, request: HttpRequest) -> HttpResponse:
        """Asks for the reason, then drops."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        chosen = [
            row
            for pk in request.GET.get("ids", "").split(",")[:100]
            if (row := self.get_object(request, pk)) is not None
        ]
        form = DropForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            now = timezone.now()
            done = [
                row for row in chosen if sending.drop(row, form.cleaned_data["reason"], now=now)
            ]
            for row in done:
                self.leave_record(request, "drop_outgoing", row)
            messages.success(request, now_("%(n)s are dropped.") % {"n": len(done)})
            return HttpResponseRedirect(reverse("admin:huying_outgoing_changelist"))
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "form": form,
            "title": now_("Drop %(n)s messages: why?") % {"n": len(chosen)},
        }
        return TemplateResponse(request, "admin/plain_form.html", context)


def _failed() -> list[str]:
    """A sentence when anything failed and nobody has decided yet."""
    dead = Outgoing.objects.filter(state=Outgoing.State.DEAD)
    number = dead.count()
    said = now_("%(n)s outgoing messages failed; please look at them under “outgoing messages”.")
    return [said % {"n": number}] if number else []


site.add_notices(Subject.NOTICES, _failed)
