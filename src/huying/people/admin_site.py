"""The admin site of the three guardian roles.

Rights follow the present post (``powers``), never a flag on the account. What a model's admin
may do is asked of the post at each request; what someone does here leaves a record in the access
log beside Django's own history.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.audit import access
from huying.people.acting import Actor
from huying.people.powers import Power, Subject, may


def actor_of(request: HttpRequest) -> Actor:
    """The guardian who acts.

    Raises:
        PermissionDenied: nobody acts, or on another post than a guardian's.
    """
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or not actor.is_guardian:
        raise PermissionDenied
    return actor


SECTIONS: Final[tuple[tuple[Any, frozenset[Subject]], ...]] = (
    (
        _("System set-up"),
        frozenset({Subject.UNITS, Subject.DIVISIONS, Subject.CATALOGUE, Subject.CALENDAR}),
    ),
    (_("Notices and webhooks"), frozenset({Subject.NOTICES})),
    (_("Accounts and rights"), frozenset({Subject.ACCOUNTS, Subject.POSTS, Subject.INTEGRATIONS})),
    (
        _("Security audit"),
        frozenset({Subject.SIGN_INS, Subject.ACCESS_LOG, Subject.EVENTS, Subject.SEALS}),
    ),
)
"""The site's front page."""


@dataclass(frozen=True)
class Page:
    """A page of the admin site that is no model's: whoever may look at its subject may open it."""

    route: str
    name: str
    title: Any
    subject: Subject
    view: Callable[[HttpRequest], HttpResponse]

    def guarded(self, request: HttpRequest) -> HttpResponse:
        """The view, for those who may."""
        if not may(actor_of(request).role, Power.VIEW, self.subject):
            raise PermissionDenied
        return self.view(request)


class Site(admin.AdminSite):
    """Open to those whose present post is a guardian's; the middleware saw to the second factor."""

    site_title = _("huying administration")
    site_header = _("huying administration")
    index_title = _("Set up, grant, watch")
    site_url = None

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.pages: list[Page] = []
        self.notices: list[tuple[Subject, Power, Callable[[], list[str]]]] = []

    def add_page(self, page: Page) -> None:
        """Give the site a page that is no model's; its package calls this once, on import."""
        self.pages.append(page)

    def add_notices(
        self, subject: Subject, sentences: Callable[[], list[str]], *, to: Power = Power.CHANGE
    ) -> None:
        """Tell those who may change a subject, or look at what nobody changes, on the front page
        what they should not miss."""
        self.notices.append((subject, to, sentences))

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The front page, with what is due."""
        actor: Actor | None = getattr(request, "actor", None)
        role = actor.role if actor else None
        due = [
            sentence
            for subject, power, sentences in self.notices
            if may(role, power, subject)
            for sentence in sentences()
        ]
        return super().index(request, {"due": due} | (extra_context or {}))

    def get_urls(self) -> list[Any]:
        own = [
            path(page.route, self.admin_view(page.guarded), name=page.name) for page in self.pages
        ]
        return [*own, *super().get_urls()]

    def has_permission(self, request: HttpRequest) -> bool:
        actor: Actor | None = getattr(request, "actor", None)
        return request.user.is_active and actor is not None and actor.is_guardian

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one sign-in. Who is signed in and may not come here is told so."""
        if request.user.is_authenticated:
            if self.has_permission(request):
                return HttpResponseRedirect(reverse("admin:index", current_app=self.name))
            raise PermissionDenied
        onward = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        return redirect_to_login(onward, reverse("account_login"))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return HttpResponseRedirect(reverse("account_logout"))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return HttpResponseRedirect(reverse("account_change_password"))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """What there is to do, by what it is for rather than by who programmed it."""
        models = [m for app in super().get_app_list(request, app_label) for m in app["models"]]
        for model in models:
            if (name := getattr(self._registry[model["model"]], "shown_as", None)) is not None:
                model["name"] = name
        sections = []
        for title, subjects in SECTIONS:
            chosen = [m for m in models if self._subject(m["model"]) in subjects]
            if chosen:
                sections.append(
                    {
                        "name": title,
                        "app_label": "huying",
                        "app_url": reverse("admin:index"),
                        "has_module_perms": True,
                        "models": chosen,
                    }
                )
        return sections

    def _subject(self, model: type[Model]) -> Subject:
        # The catalogue's admin has rights of its own, and no subject.
        return getattr(self._registry[model], "subject", Subject.CATALOGUE)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """The base template gets who acts and on which post."""
        actor: Actor | None = getattr(request, "actor", None)
        role = actor.role if actor else None
        pages = [page for page in self.pages if may(role, Power.VIEW, page.subject)]
        return super().each_context(request) | {"actor": actor, "own_pages": pages}


site: Site = admin.site  # type: ignore[assignment]
"""The one instance, made by Django from ``admin_config``."""


_YEAR: Final = re.compile(r"(19|2\d)\d\d", re.ASCII)


class GuardedAdmin(admin.ModelAdmin):
    """A model's admin whose rights are those of the present post over its ``subject``.

    Nothing is deleted here: cases, events and records refer to all of it. A subclass whose rows
    may go says so.
    """

    subject: Subject
    shown_as: Any = None
    """What the front page calls it, where the model's own name says too little."""
    may_add = True
    may_delete = False
    view_on_site = False

    def _may(self, request: HttpRequest, power: Power) -> bool:
        actor: Actor | None = getattr(request, "actor", None)
        return actor is not None and may(actor.role, power, self.subject)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, Power.VIEW)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, Power.VIEW)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_add and self._may(request, Power.CHANGE)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, Power.CHANGE)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and self._may(request, Power.CHANGE)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Refuses, as any filter that leads nowhere, a year that the calendar does not reach."""
        for name, value in request.GET.items():
            if name.endswith("__year") and not _YEAR.fullmatch(str(value)):
                raise IncorrectLookupParameters
        return super().get_changelist_instance(request)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *where: Any, **more: Any
    ) -> HttpResponse | None:
        """Takes only what can be the key of a row as the rows chosen."""
        key = queryset.model._meta.pk
        for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME):
            if "\0" in chosen:
                raise BadRequest  # a key of text would take it, the database would not
            try:
                key.run_validators(key.to_python(chosen))
            except ValidationError as error:
                raise BadRequest from error
        return super().response_action(request, queryset, *where, **more)

    def save_model(
        self, request: HttpRequest, obj: Model, form: ModelForm[Any], change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        self.leave_record(
            request, "admin_change" if change else "admin_add", obj, form.changed_data
        )

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        self.leave_record(request, "admin_delete", obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for each in queryset:
            self.delete_model(request, each)

    def told_once(
        self, request: HttpRequest, title: str, rows: Iterable[tuple[Any, str, str]]
    ) -> HttpResponse:
        """The one page on which secrets stand: whom each is for, the secret, or why there is none.

        The way back from it is the list.
        """
        meta = self.opts
        context = self.admin_site.each_context(request) | {
            "opts": meta,
            "title": title,
            "rows": list(rows),
            "back": reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"),
        }
        response = TemplateResponse(request, "admin/told_once.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response

    def leave_record(
        self, request: HttpRequest, action: str, obj: Model, fields: list[str] | None = None
    ) -> None:
        """Write who did what to which row."""
        access.record(
            action=action,
            subject_type=obj._meta.model_name or "",
            subject_id=str(obj.pk)[:64],
            now=timezone.now(),
            by=actor_of(request),
            fields=fields or [],
        )
