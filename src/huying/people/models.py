"""Accounts, units and posts, as the database keeps them."""

from collections.abc import Iterator
from functools import cache

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from huying import secret_keys
from huying.places.models import Level


class Role(models.TextChoices):
    """What a post lets its holder do. The flow table names these."""

    GRID_WORKER = "grid_worker", _("grid worker")
    GRID_HEAD = "grid_head", _("grid head")
    DISPATCHER = "dispatcher", _("dispatcher")
    HANDLER = "handler", _("handler")
    CHECKER = "checker", _("checker")
    MEMBER = "member", _("party member or volunteer")
    COMMUNITY_LEADER = "community_leader", _("community leader")
    TOWN_LEADER = "town_leader", _("town leader")
    DISTRICT_LEADER = "district_leader", _("district leader")
    ADMINISTRATOR = "administrator", _("administrator")
    SECURITY_ADMINISTRATOR = "security_administrator", _("security administrator")
    AUDITOR = "auditor", _("auditor")


ON_FOOT = frozenset({Role.GRID_WORKER, Role.GRID_HEAD})
"""Who walks a grid."""
LOOKERS = ON_FOOT | {Role.CHECKER}
"""Who may be sent to look on the spot, to verify or to check."""

LEADERS = frozenset({Role.COMMUNITY_LEADER, Role.TOWN_LEADER, Role.DISTRICT_LEADER})
GUARDIANS = frozenset({Role.ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR})
"""Separation of the three powers: nobody holds two of these (GB/T 22239 三员分立)."""
CASELESS = GUARDIANS | {Role.MEMBER}
"""Who sees no case, whatever its place: those who keep the system, and neighbours who help."""


class UnitKind(models.TextChoices):
    DESK = "desk", _("command centre")
    DEPARTMENT = "department", _("department")
    TEAM = "team", _("team")
    BRANCH = "branch", _("party branch")


class TeamSort(models.TextChoices):
    JOINT = "joint", _("joint enforcement team")
    COMMANDO = "commando", _("party commando")
    VOLUNTEER = "volunteer", _("volunteer team")


class Unit(models.Model):
    """A desk, department, team or party branch.

    Departments and teams can be given work; branches and teams can be called.
    """

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=12, choices=UnitKind.choices)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    area_code = models.CharField(_("area"), max_length=12, db_index=True)
    district_code = models.CharField(max_length=6)
    department = models.CharField(
        _("department"),
        max_length=40,
        blank=True,
        db_index=True,
        help_text=_("The catalogue's name of the department, the same at every level."),
    )
    duty = models.CharField(
        _("duty"), max_length=40, blank=True, help_text=_("For a team: what it is for.")
    )
    sort = models.CharField(
        _("sort of team"), max_length=10, choices=TeamSort.choices, blank=True, default=""
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        db_table = "unit"
        ordering = ["area_code", "kind", "code"]
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = [
            models.UniqueConstraint(
                name="unit_one_desk_an_area",
                fields=["area_code"],
                condition=Q(kind="desk"),
            ),
            models.CheckConstraint(
                name="unit_only_teams_have_a_sort", condition=Q(sort="") | Q(kind="team")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(username=username)


class Account(AbstractBaseUser):
    """A person who can sign in. What they may do follows from their posts, never from here."""

    id = models.BigAutoField(primary_key=True)
    username = models.CharField(_("user name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=40)
    email = models.EmailField(_("e-mail"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    demo = models.BooleanField(_("demo"), default=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    last_post = models.BigIntegerField(null=True, blank=True)
    tour_seen_at = models.DateTimeField(
        null=True, blank=True, help_text="when the tour of the queue was ended or skipped"
    )
    outside_id = models.CharField(
        _("identity at the outside provider"),
        max_length=191,
        null=True,
        blank=True,
        unique=True,
        help_text=_("As the provider writes it. Whoever it says this is signs in as this account."),
    )

    objects = AccountManager()
    USERNAME_FIELD = "username"

    def get_session_auth_hash(self) -> str:
        """What a session keeps to end with the password. It stays when signing keys change.

        With Django's own way each session would get a new number after a change of keys, and a
        page that asks twice at once would be signed out by its second question.
        """
        mark = salted_hmac(
            "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash",
            self.password,
            secret=secret_keys.lasting(settings.HUYING.secrets),
            algorithm="sha256",
        )
        return mark.hexdigest()

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """There is no other mark."""
        return iter(())

    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        db_table = "account"
        ordering = ["username"]
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return self.name or self.username


@cache
def account_columns() -> tuple[str, ...]:
    """The names of an account's fields, in their order in a row."""
    return tuple(field.attname for field in Account._meta.concrete_fields)


class Browser(models.Model):
    """A browser in which an account has signed in; its session has the last word on whether."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.CASCADE, related_name="browsers")
    session_key = models.CharField(max_length=40, unique=True)
    address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "browser"


_AT_ONE_TIME = (
    Func(
        F("starts_on"),
        F("ends_on"),
        models.Value("[]"),
        function="DATERANGE",
        output_field=DateRangeField(),
    ),
    RangeOperators.OVERLAPS,
)
"""Two posts that are held on one same day."""


class Post(models.Model):
    """A role in an area or a unit, held by one account for a time."""

    class Duty(models.TextChoices):
        LEAD = "lead", _("lead")
        SECOND = "second", _("second")
        RELIEF = "relief", _("relief")

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(
        Account, models.CASCADE, related_name="posts", verbose_name=_("account")
    )
    role = models.CharField(_("role"), max_length=24, choices=Role.choices)
    area_code = models.CharField(_("area"), max_length=15, db_index=True)
    district_code = models.CharField(max_length=6)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name=_("unit")
    )
    duty = models.CharField(_("duty"), max_length=8, choices=Duty.choices, default=Duty.LEAD)
    title = models.CharField(_("title"), max_length=60, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True, help_text=_("the last day"))

    class Meta:
        db_table = "post"
        ordering = ["account_id", "id"]
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = [
            models.CheckConstraint(
                name="post_ends_after_start",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="post_handler_has_unit", condition=~Q(role="handler") | Q(unit__isnull=False)
            ),
            models.CheckConstraint(
                name="post_member_has_unit", condition=~Q(role="member") | Q(unit__isnull=False)
            ),
            ExclusionConstraint(
                name="post_guardians_exclude_each_other",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    ("role", RangeOperators.NOT_EQUAL),
                    _AT_ONE_TIME,
                ],
                condition=Q(role__in=[str(role) for role in sorted(GUARDIANS)]),
            ),
            ExclusionConstraint(
                name="post_one_lead_a_grid",
                expressions=[
                    ("area_code", RangeOperators.EQUAL),
                    _AT_ONE_TIME,
                ],
                condition=Q(role="grid_worker", duty="lead"),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.get_role_display()
