"""The catalogue in the admin: versions are made, never edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.catalogue import exchanging, versions
from huying.catalogue.forms import ImportForm, NewItemForm, VersionForm, carried, carry
from huying.catalogue.models import Category, Item, ItemVersion
from huying.catalogue.snapshots import ItemSnapshot
from huying.catalogue.validating import InvalidItem, bilingual
from huying.people.acting import Actor
from huying.people.models import Role

READERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


class _ByPost:
    """Rights come from the post on which someone acts, not from Django's permissions."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _may_read(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_read(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_change(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_change(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing of the catalogue is ever deleted: cases refer to it."""
        return False


class VersionInline(_ByPost, admin.StackedInline):
    """An item's versions, the newest first, to read."""

    model = ItemVersion
    extra = 0
    ordering = ("-valid_from", "-version")
    exclude = ("author",)
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Category)
class CategoryAdmin(_ByPost, admin.ModelAdmin):
    """The four categories; a name may be mended, a code stays."""

    list_display = ("code", "name")
    readonly_fields = ("code",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A category comes with its first item."""
        return False


@admin.register(Item)
class ItemAdmin(_ByPost, admin.ModelAdmin):
    """The items, with what each says now."""

    list_display = ("code", "said_name", "category", "level", "said_kind", "lead", "active")
    list_filter = ("category", "active")
    list_select_related = ("category",)
    search_fields = ("code", "versions__name", "versions__description")
    readonly_fields = ("code", "category", "active")
    inlines = [VersionInline]
    change_list_template = "catalogue/items.html"
    change_form_template = "catalogue/item.html"
    actions = ["take_out_of_use", "take_into_use"]

    @admin.display(description=gettext_lazy("name"))
    def said_name(self, item: Item) -> str:
        said = _said(item)
        return said.name if said else "—"

    @admin.display(description=gettext_lazy("level"))
    def level(self, item: Item) -> str:
        return _label("default_level", _said(item))

    @admin.display(description=gettext_lazy("kind"))
    def said_kind(self, item: Item) -> str:
        return _label("kind", _said(item))

    @admin.display(description=gettext_lazy("lead department"))
    def lead(self, item: Item) -> str:
        said = _said(item)
        return said.lead_department if said else "—"

    @admin.action(description=gettext_lazy("Take out of use"), permissions=["change"])
    def take_out_of_use(self, request: HttpRequest, chosen: QuerySet[Item]) -> None:
        for item in chosen:
            versions.deactivate(item.code, by=_actor(request))
            self.log_change(request, item, "out of use")

    @admin.action(description=gettext_lazy("Take into use"), permissions=["change"])
    def take_into_use(self, request: HttpRequest, chosen: QuerySet[Item]) -> None:
        for item in chosen:
            versions.activate(item.code, by=_actor(request))
            self.log_change(request, item, "in use")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("add/", wrap(self.new_item), name="huying_item_add"),
            path("import/", wrap(self.bring_in), name="huying_item_import"),
            path("export/<str:form>/", wrap(self.export), name="huying_item_export"),
            path("<str:code>/version/", wrap(self.new_version), name="huying_item_version"),
        ]
        urls: list[URLPattern] = super().get_urls()
        return own + urls

    def new_version(self, request: HttpRequest, code: str) -> HttpResponse:
        """A form that holds what the item says now; saving makes the next version."""
        actor = _changer(request)
        item = self.get_object(request, code)
        newest = item and item.versions.order_by("valid_from", "version").last()
        if item is None or newest is None:
            raise Http404
        form = VersionForm(request.POST) if request.method == "POST" else VersionForm.filled(newest)
        if request.method == "POST" and form.is_valid():
            try:
                made = versions.change(code, by=actor, valid_from=form.since, **form.stated())
            except InvalidItem as error:
                form.refuse(error)
            else:
                self.log_change(request, item, f"version {made.version}")
                since = timezone.localtime(made.valid_from)
                said = _("Version %(number)s holds from %(since)s.") % {
                    "number": made.version,
                    "since": f"{since:%Y-%m-%d %H:%M}",
                }
                messages.success(request, said)
                return HttpResponseRedirect(reverse("admin:huying_item_change", args=[code]))
        title = _("New version of %(item)s") % {"item": f"{code} {newest.name}"}
        return self._page(request, "catalogue/version.html", title, form=form, item=item)

    def new_item(self, request: HttpRequest) -> HttpResponse:
        """A form for an item that is not there yet."""
        actor = _changer(request)
        now = timezone.localtime().replace(second=0, microsecond=0)
        form = NewItemForm(request.POST or None, initial={"valid_from": now})
        if request.method == "POST" and form.is_valid():
            code = form.cleaned_data["code"]
            try:
                made = versions.add(
                    code,
                    by=actor,
                    valid_from=form.since,
                    category=form.cleaned_data["category"],
                    **form.stated(),
                )
            except InvalidItem as error:
                form.refuse(error)
            else:
                self.log_addition(request, made.item, "version 1")
                return HttpResponseRedirect(reverse("admin:huying_item_change", args=[code]))
        return self._page(request, "catalogue/version.html", _("New item"), form=form, item=None)

    def export(self, request: HttpRequest, form: str) -> HttpResponse:
        """The catalogue of now as a file."""
        if not _may_read(request):
            raise PermissionDenied
        now = timezone.now()
        catalogue = versions.snapshot(now)
        if form == "csv":
            body, kind = exchanging.export_csv(catalogue), "text/csv; charset=utf-8"
        elif form == "xlsx":
            body = exchanging.export_xlsx(catalogue)
            kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        else:
            raise Http404
        name = f"catalogue-{timezone.localtime(now):%Y%m%d}.{form}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(body, content_type=kind, headers=headers)

    def bring_in(self, request: HttpRequest) -> HttpResponse:
        """First shows what a file would do; on a second word does it."""
        actor = _changer(request)
        title = _("Import the catalogue")
        if request.method == "POST" and "confirmed" in request.POST:
            return self._confirmed(request, actor)
        now = timezone.localtime().replace(second=0, microsecond=0)
        form = ImportForm(request.POST or None, request.FILES or None, initial={"valid_from": now})
        preview = held = None
        if request.method == "POST" and form.is_valid():
            data, since = form.cleaned_data["file"], form.cleaned_data["valid_from"]
            try:
                preview = exchanging.preview(data, valid_from=since)
                held = carry(data, since)
            except exchanging.UnreadableFile as error:
                form.add_error("file", str(error))
        return self._page(
            request, "catalogue/import.html", title, form=form, preview=preview, held=held
        )

    def _confirmed(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        again = HttpResponseRedirect(reverse("admin:huying_item_import"))
        try:
            data, since = carried(request.POST["confirmed"])
            done = exchanging.bring_in(data, by=actor, valid_from=since)
        except signing.BadSignature:
            messages.error(request, _("The preview is too old; please choose the file again."))
            return again
        except InvalidItem as error:
            messages.error(request, str(error))
            return again
        if not done.applied:
            # Someone changed the catalogue between the preview and now.
            for problem in done.problems:
                messages.error(request, str(bilingual(problem.zh, problem.en)))
            return again
        for item in Item.objects.filter(code__in=[*done.new, *(c.code for c in done.changed)]):
            self.log_change(request, item, "import")
        said = _("%(new)s new, %(changed)s changed, %(same)s the same.") % {
            "new": len(done.new),
            "changed": len(done.changed),
            "same": len(done.same),
        }
        messages.success(request, said)
        return HttpResponseRedirect(reverse("admin:huying_item_changelist"))

    def _page(self, request: HttpRequest, template: str, title: str, **more: Any) -> HttpResponse:
        context = self.admin_site.each_context(request)
        context |= {"title": title, "opts": self.opts, "media": self.media, **more}
        if (form := more.get("form")) is not None:
            context["media"] = self.media + form.media
        return TemplateResponse(request, template, context)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        raise PermissionDenied
    return actor


def _may_read(request: HttpRequest) -> bool:
    actor: Actor | None = getattr(request, "actor", None)
    return actor is not None and actor.role in READERS


def _may_change(request: HttpRequest) -> bool:
    actor: Actor | None = getattr(request, "actor", None)
    return actor is not None and versions.may_change(actor)


def _changer(request: HttpRequest) -> Actor:
    if not _may_change(request):
        raise PermissionDenied
    return _actor(request)


def _said(item: Item) -> ItemSnapshot | None:
    return versions.snapshot(timezone.now()).get(item.code)


def _label(field: str, said: ItemSnapshot | None) -> str:
    if said is None:
        return "—"
    choices = dict(ItemVersion._meta.get_field(field).flatchoices)  # type: ignore[union-attr]
    return str(choices.get(getattr(said, field), ""))
