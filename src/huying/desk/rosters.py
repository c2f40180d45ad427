"""Where a roster is written, and where somebody on duty says that they come, go, or are here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from huying.desk.here import at_desk, me, way_back
from huying.desk.teams import shown, team_or_404
from huying.desk.verb_form import dress
from huying.errors import HuyingError
from huying.people.acting import Actor
from huying.people.models import Account, Unit
from huying.response import rostering
from huying.response.models import Member, Shift, Skill, Turn
from huying.response.present import teams_seen


class PutOn(forms.Form):
    """Some members on one shift, for a row of days."""

    shift = forms.ModelChoiceField(
        Shift.objects.none(), label=gettext_lazy("Shift"), empty_label=None
    )
    members = forms.ModelMultipleChoiceField(
        Member.objects.none(),
        label=gettext_lazy("Who goes on the shift"),
        widget=forms.CheckboxSelectMultiple,
    )
    since = forms.DateField(
        label=gettext_lazy("First day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, team: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shift, members = self.fields["shift"], self.fields["members"]
        assert isinstance(shift, forms.ModelChoiceField)
        assert isinstance(members, forms.ModelMultipleChoiceField)
        shift.queryset = Shift.objects.filter(team=team)
        members.queryset = Member.objects.filter(team=team).select_related("account")
        dress(self)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day lies before the first."))
        return given


class ShiftHours(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name of the shift"), max_length=20)
    begins = forms.TimeField(
        label=gettext_lazy("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    ends = forms.TimeField(
        label=gettext_lazy("To"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("Not later than the beginning: it ends on the next day."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def roster(request: HttpRequest, code: str) -> HttpResponseBase:
    """The week's roster with everything that changes it; POST puts people on a shift."""
    team, actor, now = team_or_404(request, code), me(request), timezone.now()
    if not rostering.may_roster(actor, team):
        raise PermissionDenied
    today = timezone.localdate()
    first = {"since": today, "until": today + timedelta(days=6)}
    form = PutOn(request.POST if request.method == "POST" else None, team=team, initial=first)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                return _put_on(request, team, form, actor, now)
            except HuyingError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
        status = 422
    context = shown(team, request) | {
        "form": form,
        "shift_form": ShiftHours(),
        "skills": Skill.objects.filter(district_code=team.district_code),
        "homes": _homes(team),
    }
    return render(request, "desk/teams/roster.html", context, status=status)


def _homes(team: Unit) -> list[Unit]:
    """The departments that may send people to a team: of its town, and of the district."""
    return list(
        Unit.objects.filter(
            kind="department",
            active=True,
            area_code__in={team.area_code, team.area_code[:9], team.district_code},
        ).order_by("-area_code", "code")
    )


def _put_on(
    request: HttpRequest, team: Unit, form: PutOn, actor: Actor, now: datetime
) -> HttpResponseBase:
    given = form.cleaned_data
    length = min((given["until"] - given["since"]).days, rostering.LONGEST_ROSTER.days)
    days = [given["since"] + timedelta(days=n) for n in range(length + 1)]
    new = rostering.put_on(given["shift"], given["members"], days, by=actor, now=now)
    messages.success(request, _("%(n)d turns are new in the roster.") % {"n": new})
    year, week, _day = given["since"].isocalendar()
    return redirect(f"{reverse('roster', args=[team.code])}?week={year}-W{week:02}")


@require_POST
@at_desk
def shift(request: HttpRequest, code: str) -> HttpResponseBase:
    """A new shift of the team, or new hours for one."""
    team = team_or_404(request, code)
    _only_who_rosters(request, team)
    form = ShiftHours(request.POST)

    def do() -> None:
        given = form.cleaned_data
        rostering.add_shift(
            team, given["name"], given["begins"], given["ends"], by=me(request), now=timezone.now()
        )

    if form.is_valid():
        _try(request, do, _("The shift is kept."))
    else:
        messages.error(request, _("Please give the shift a name and its hours."))
    return redirect("roster", team.code)


@require_POST
@at_desk
def member(request: HttpRequest, code: str) -> HttpResponseBase:
    """Takes somebody into the team's list, or changes what it says of them."""
    team = team_or_404(request, code)
    _only_who_rosters(request, team)
    sent = request.POST
    key = sent.get("account", "")
    account = Account.objects.filter(
        pk=int(key) if key.isdecimal() and len(key) < 18 else 0
    ).first()
    if account is None:
        messages.error(request, _("Please choose somebody."))
        return redirect("roster", team.code)
    home = next((each for each in _homes(team) if str(each.pk) == sent.get("home")), None)
    wanted = set(sent.getlist("skills"))
    skills = [
        each
        for each in Skill.objects.filter(district_code=team.district_code)
        if str(each.pk) in wanted
    ]

    def do() -> None:
        rostering.take_in(
            team, account, home=home, leading=bool(sent.get("leads")), skills=skills, by=me(request)
        )

    _try(request, do, _("Kept: %(name)s.") % {"name": account.name})
    return redirect("roster", team.code)


def _only_who_rosters(request: HttpRequest, team: Unit) -> None:
    if not rostering.may_roster(me(request), team):
        raise PermissionDenied


@require_POST
@at_desk
def turn(request: HttpRequest, pk: UUID, what: str) -> HttpResponseBase:
    """One turn: struck, on leave and back, swapped; its own member comes, goes, or is here."""
    actor, now = me(request), timezone.now()
    found = (
        Turn.objects.filter(pk=pk, team__in=teams_seen(actor))
        .select_related("team", "member", "shift")
        .first()
    )
    if found is None or what not in _DOES:
        raise Http404
    do, words = _DOES[what]
    _try(request, lambda: do(found, request, actor, now), str(words))
    return redirect(way_back(request, reverse("team", args=[found.team.code])))


def _swap(found: Turn, request: HttpRequest, actor: Actor, now: datetime) -> None:
    other = request.POST.get("member", "")
    members = {str(each.pk): each for each in Member.objects.filter(team=found.team)}
    rostering.swap(found, members.get(other, found.member), by=actor, now=now)


def _here(found: Turn, request: HttpRequest, actor: Actor, now: datetime) -> None:
    try:
        lon, lat = float(request.POST.get("lon", "")), float(request.POST.get("lat", ""))
    except ValueError:
        lon = lat = float("nan")
    rostering.be_at(found.pk, lon, lat, by=actor, now=now)


Doing = Callable[[Turn, HttpRequest, Actor, datetime], object]
_DOES: dict[str, tuple[Doing, Any]] = {
    "strike": (
        lambda turn, _r, by, now: rostering.take_off(turn, by=by, now=now),
        gettext_lazy("The turn is struck."),
    ),
    "leave": (
        lambda turn, _r, by, now: rostering.set_leave(turn, True, by=by, now=now),
        gettext_lazy("On leave for this turn."),
    ),
    "back": (
        lambda turn, _r, by, now: rostering.set_leave(turn, False, by=by, now=now),
        gettext_lazy("Back in the roster for this turn."),
    ),
    "swap": (_swap, gettext_lazy("The turn is swapped.")),
    "come": (
        lambda turn, _r, by, now: rostering.come(turn.pk, by=by, now=now),
        gettext_lazy("You are on duty."),
    ),
    "go": (
        lambda turn, _r, by, now: rostering.go(turn.pk, by=by, now=now),
        gettext_lazy("You have left; your position is erased."),
    ),
    "here": (_here, gettext_lazy("The desk sees where you are until your turn ends.")),
}


def _try(request: HttpRequest, do: Callable[[], object], words: str) -> None:
    """Does it, and says that it is done or what is against it."""
    try:
        do()
    except HuyingError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, words)
