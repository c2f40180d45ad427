"""Units, divisions, accounts, posts and the logs on the admin site."""

from __future__ import annotations

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog
from axes.models import AccessLog as SignIn
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from huying.audit.models import AccessLog, Seal
from huying.errors import BadInput, HuyingError
from huying.people import accounts, browsers, granting, inviting, second_factor
from huying.people.admin_site import GuardedAdmin, actor_of
from huying.people.models import Account, Post, Role, Unit
from huying.people.powers import Subject
from huying.places.models import Division, level_of


class UnitForm(forms.ModelForm):
    """A unit; its level and district follow from its area."""

    def clean_area_code(self) -> str:
        code: str = self.cleaned_data["area_code"]
        if not Division.objects.filter(code=code).exists():
            raise ValidationError(_("There is no division with this code."))
        self.instance.level, self.instance.district_code = level_of(code), code[:6]
        return code


@admin.register(Unit)
class UnitAdmin(GuardedAdmin):
    """Desks, departments and teams. One that is not needed any more is made inactive."""

    subject = Subject.UNITS
    form = UnitForm
    list_display = ("code", "name", "kind", "level", "area_code", "department", "duty", "active")
    list_filter = ("kind", "sort", "level", "active", "department")
    search_fields = ("code", "name", "area_code")
    fields = ("code", "name", "kind", "sort", "area_code", "department", "duty", "active")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code", "kind", "area_code") if obj else ()


@admin.register(Division)
class DivisionAdmin(GuardedAdmin):
    """Names and centres may be mended; codes and levels are official."""

    subject = Subject.DIVISIONS
    may_add = False
    list_display = ("code", "name", "level", "short_name")
    list_filter = ("level",)
    search_fields = ("code", "name")
    fields = ("code", "level", "name", "short_name", "lon", "lat")
    readonly_fields = ("code", "level")


class PostInline(admin.TabularInline):
    """An account's posts, to read; they are granted on their own page."""

    model = Post
    extra = 0
    fields = ("role", "area_code", "unit", "duty", "starts_on", "ends_on")
    readonly_fields = fields
    can_delete = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # who may see the account may see its posts

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AccountForm(forms.ModelForm):
    """A new account gets no password: its holder is invited."""

    name = forms.CharField(label=_("full name"), max_length=40)

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"].strip().lower()
        if any(character.isspace() for character in username):
            raise ValidationError(_("A user name has no spaces and is not empty."))
        return username


@admin.register(Account)
class AccountAdmin(GuardedAdmin):
    """Who can sign in. Passwords are never seen here but once, when made."""

    subject = Subject.ACCOUNTS
    form = AccountForm
    list_display = ("username", "full_name", "is_active", "usable", "second_factor", "last_login")
    list_filter = ("is_active", "demo", "posts__role")
    search_fields = ("username", "name", "=outside_id")
    fields = (
        "username",
        "name",
        "email",
        "outside_id",
        "is_active",
        "usable",
        "second_factor",
        "last_login",
    )
    readonly_fields = ("is_active", "usable", "second_factor", "last_login")
    actions = [
        "invite",
        "reset_password",
        "unlock",
        "sign_out",
        "block",
        "unblock",
        "drop_second_factor",
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "username") if obj else self.readonly_fields

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return [PostInline] if obj else []

    @admin.display(description=_("full name"), ordering="name")
    def full_name(self, account: Account) -> str:
        return account.name

    @admin.display(description=_("has a password"), boolean=True)
    def usable(self, account: Account) -> bool:
        return account.has_usable_password()

    @admin.display(description=_("second factor"), boolean=True)
    def second_factor(self, account: Account) -> bool:
        return second_factor.is_set_up(account)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        if not change:
            assert isinstance(obj, Account)
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    @admin.action(
        description=_("Invite: make a link for the first password"), permissions=["change"]
    )
    def invite(self, request: HttpRequest, chosen: QuerySet[Account]) -> HttpResponse:
        return self._links(request, chosen, inviting.invite)

    @admin.action(
        description=_("Reset the password: make a link for a new one"), permissions=["change"]
    )
    def reset_password(self, request: HttpRequest, chosen: QuerySet[Account]) -> HttpResponse:
        return self._links(request, chosen, inviting.reset)

    @admin.action(description=_("Sign out everywhere"), permissions=["change"])
    def sign_out(self, request: HttpRequest, chosen: QuerySet[Account]) -> None:
        self._each(request, chosen, browsers.end_all)

    @admin.action(description=_("Unlock after failed sign-ins"), permissions=["change"])
    def unlock(self, request: HttpRequest, chosen: QuerySet[Account]) -> None:
        self._each(request, chosen, accounts.unlock)

    @admin.action(description=_("Block"), permissions=["change"])
    def block(self, request: HttpRequest, chosen: QuerySet[Account]) -> None:
        self._each(request, chosen, accounts.set_active, active=False)

    @admin.action(description=_("Unblock"), permissions=["change"])
    def unblock(self, request: HttpRequest, chosen: QuerySet[Account]) -> None:
        self._each(request, chosen, accounts.set_active, active=True)

    @admin.action(description=_("Take away a lost second factor"), permissions=["change"])
    def drop_second_factor(self, request: HttpRequest, chosen: QuerySet[Account]) -> None:
        self._each(request, chosen, accounts.drop_second_factor)

    def _each(
        self, request: HttpRequest, chosen: QuerySet[Account], do: Any, **inputs: Any
    ) -> None:
        for account in chosen:
            try:
                do(account, by=actor_of(request), now=timezone.now(), **inputs)
            except HuyingError as error:
                messages.error(request, f"{account.username}: {error}")
            else:
                messages.success(request, now_("%(name)s: done.") % {"name": account.username})

    def _links(self, request: HttpRequest, chosen: QuerySet[Account], make: Any) -> HttpResponse:
        def link(account: Account) -> str:
            token = make(account, by=actor_of(request), now=timezone.now())
            return request.build_absolute_uri(reverse("accept_invitation", args=[token]))

        return self._told_each(request, chosen, now_("Invitations"), link)

    def _told_each(
        self, request: HttpRequest, chosen: QuerySet[Account], title: str, make: Any
    ) -> HttpResponse:
        rows = []
        for account in chosen:
            try:
                rows.append((account, make(account), ""))
            except HuyingError as error:
                rows.append((account, "", str(error)))
        return self.told_once(request, title, rows)


class PostForm(forms.ModelForm):
    """A post; ``granting`` has the rules, and its refusals are shown at their field."""

    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        by, now = actor_of(self.request), timezone.now()
        try:
            if self.instance.pk is None:
                self.instance = granting.grant_post(
                    cleaned["account"],
                    Role(cleaned["role"]),
                    area_code=cleaned["area_code"],
                    unit=cleaned["unit"],
                    duty=cleaned["duty"],
                    title=cleaned["title"],
                    starts_on=cleaned["starts_on"],
                    ends_on=cleaned["ends_on"],
                    by=by,
                    now=now,
                )
            elif cleaned["ends_on"] is not None:
                granting.end_post(self.instance, on=cleaned["ends_on"], by=by, now=now)
            elif self.instance.ends_on is not None:  # until further notice, from now on
                raise BadInput(granting.NOT_LONGER, field="ends_on")
        except HuyingError as error:
            self.add_error(error.field if error.field in self.fields else None, str(error))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # The database's constraints have spoken already, in the words of ``granting``.
        return {field.name for field in Post._meta.fields}

    def validate_constraints(self) -> None:
        """See ``clean``."""


class PostCreation(PostForm):
    area_code = forms.CharField(
        label=_("area"),
        required=False,
        max_length=15,
        help_text=_(
            "District 6 digits, town 9, community 12, grid 15. "
            "Empty for a handler: the unit's area is taken."
        ),
    )


@admin.register(Post)
class PostAdmin(GuardedAdmin):
    """Posts are granted and ended; nothing else about them changes."""

    subject = Subject.POSTS
    form = PostForm
    list_display = ("account", "role", "area_code", "unit", "duty", "starts_on", "ends_on")
    list_filter = ("role", "duty")
    list_select_related = ("account", "unit")
    search_fields = ("account__username", "account__name", "area_code")
    autocomplete_fields = ("account", "unit")
    fields = (
        "account",
        "role",
        "area_code",
        "unit",
        "duty",
        "title",
        "starts_on",
        "ends_on",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(name for name in self.fields if name != "ends_on") if obj else ()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kw: Any
    ) -> Any:
        kw["form"] = PostForm if obj else PostCreation
        made = super().get_form(request, obj, change, **kw)
        return type(made.__name__, (made,), {"request": request})

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        return form.instance

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """``granting`` has saved it, and left its record."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing hangs on a post."""


class LogAdmin(GuardedAdmin):
    """Something to read only."""

    may_add = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}


@admin.register(AccessLog)
class AccessLogAdmin(LogAdmin):
    """Who looked at protected data, and who changed accounts, posts and settings."""

    subject = Subject.ACCESS_LOG
    list_display = ("at", "account_id", "role", "action", "subject_type", "subject_id", "purpose")
    list_filter = ("action", "role", "subject_type")
    search_fields = ("=account_id", "=subject_id")
    exclude = ("purpose_digest",)
    show_full_result_count = False


@admin.register(Seal)
class SealAdmin(LogAdmin):
    """The daily seals over all cases' heads."""

    subject = Subject.SEALS
    list_display = ("number", "day", "at", "cases", "events", "key_id", "root_hex")
    fields = ("number", "day", "at", "cases", "events", "key_id", "algorithm", "root_hex")

    @admin.display(description=_("Merkle root"))
    def root_hex(self, seal: Seal) -> str:
        return bytes(seal.root).hex()


@admin.register(SignIn)
class SignInAdmin(LogAdmin):
    """Who signed in and out, when and from where."""

    subject = Subject.SIGN_INS
    shown_as = _("Sign-ins")
    list_display = ("attempt_time", "logout_time", "username", "ip_address", "user_agent")
    search_fields = ("=username", "=ip_address")
    show_full_result_count = False


@admin.register(AccessFailureLog)
class FailureAdmin(LogAdmin):
    """Sign-ins that failed; a name that is no account's is masked."""

    subject = Subject.SIGN_INS
    shown_as = _("Failed sign-ins")
    list_display = (
        "attempt_time",
        "username",
        "ip_address",
        "path_info",
        "locked_out",
        "user_agent",
    )
    list_filter = ("locked_out", "path_info")
    search_fields = ("=username", "=ip_address")
    show_full_result_count = False


@admin.register(AccessAttempt)
class AttemptAdmin(LogAdmin):
    """How often a name has failed at an address, as it counts for the lock-out."""

    subject = Subject.SIGN_INS
    shown_as = _("Failures that count for the lock-out")
    list_display = ("attempt_time", "username", "ip_address", "failures_since_start")
    search_fields = ("=username", "=ip_address")
    exclude = ("get_data", "post_data")
