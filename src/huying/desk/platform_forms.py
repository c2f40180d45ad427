"""Forms of the pages about service platforms: a point, what it does, a line of the online list."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.desk.fields import List, Pick, Say, When
from huying.desk.neighbour_forms import communities
from huying.desk.patrol_forms import Day
from huying.desk.verb_form import dress, offer
from huying.people.acting import Actor
from huying.places.models import Division, Grid, Level
from huying.platforms import activities, canteen, online, points
from huying.platforms.models import (
    Booking,
    CanteenDay,
    GuideKind,
    PlatformActivity,
    PointKind,
    ServiceMatter,
    ServicePoint,
    Way,
)
from huying.platforms.models.activities import MOST_PLACES
from huying.platforms.models.canteen import MOST_MEALS, MOST_OF_ONE
from huying.platforms.models.points import MOST_DAYS, MOST_SEATS, SLOT_MINUTES
from huying.templatetags.platforms import WEEKDAYS

PUBLIC = _("Everybody reads this: no names, phones or flat numbers.")


def areas(actor: Actor) -> list[tuple[str, str]]:
    """Towns and communities that the post may keep."""
    towns = Division.objects.filter(level=Level.TOWN, code__startswith=actor.area_code)
    named = list(towns.order_by("code").values_list("code", "short_name"))
    return [*named, *communities(actor)]


class InArea(forms.Form):
    """A form about one town or community; at a desk that has only one it is not asked for."""

    area = List(label=_("Town or community"), empty=_("please choose"))

    def of(self, actor: Actor) -> None:
        known = areas(actor)
        offer(self, "area", known)
        if len(known) == 1:
            self.fields["area"].initial = known[0][0]
            self.fields["area"].widget = forms.HiddenInput()


class PointForm(InArea):
    """A service point."""

    kind = forms.ChoiceField(label=pgettext_lazy("platforms", "Kind"), choices=PointKind.choices)
    name = forms.CharField(label=pgettext_lazy("platforms", "Name"), required=False, max_length=40)
    spot = forms.CharField(
        label=pgettext_lazy("platforms", "Where it is"), required=False, max_length=100
    )
    phone = forms.CharField(
        label=_("Office phone"),
        required=False,
        max_length=30,
        help_text=_("The desk's line; everybody sees it."),
    )
    words = forms.CharField(
        label=_("A word to residents"), required=False, max_length=200, help_text=PUBLIC
    )
    keeps_calendar = forms.BooleanField(label=_("Closed on public holidays"), required=False)
    seats = forms.IntegerField(
        label=_("People served at a time"),
        min_value=0,
        max_value=MOST_SEATS,
        help_text=_("0: no appointments, one just comes."),
    )
    slot_minutes = forms.IntegerField(
        label=_("Minutes for each"), min_value=SLOT_MINUTES[0], max_value=SLOT_MINUTES[1]
    )
    days_ahead = forms.IntegerField(
        label=_("Can be booked days ahead"), min_value=1, max_value=MOST_DAYS
    )
    order = forms.IntegerField(label=_("Place in the list"), min_value=0, max_value=999)
    grid_code = List(label=_("Grid"), empty=pgettext_lazy("platforms", "none"))
    address = forms.CharField(
        label=_("Standard address"), required=False, max_length=200,
        help_text=_("As in the registers; may be left out."),
    )  # fmt: skip

    def __init__(
        self, data: Any = None, *, actor: Actor, point: ServicePoint | None = None
    ) -> None:
        told = points.Told("", "")
        initial: dict[str, Any] = {
            name: getattr(point or told, name)
            for name in (
                *("kind", "name", "spot", "phone", "words", "keeps_calendar", "seats"),
                *("slot_minutes", "days_ahead", "order", "grid_code"),
            )
        }
        if point is not None and point.address is not None:
            initial["address"] = point.address.full_name
        week = point.week if point is not None else told.week
        initial |= {f"day{n}": typed for n, typed in enumerate(week)}
        super().__init__(data, initial=initial)
        for n, day in enumerate(WEEKDAYS):
            self.fields[f"day{n}"] = forms.CharField(label=day, required=False, max_length=60)
        if point is None:
            self.of(actor)
        else:
            del self.fields["area"]
        area = point.area_code if point is not None else actor.area_code
        grids = Grid.objects.filter(code__startswith=area, voided_at=None)
        near = grids.order_by("code").values_list("code", "name") if len(area) == 12 else []
        offer(self, "grid_code", list(near))
        dress(self)

    @property
    def week(self) -> list[Any]:
        """The seven fields of the hours."""
        return [self[f"day{n}"] for n in range(len(WEEKDAYS))]

    @property
    def told(self) -> points.Told:
        given = self.cleaned_data
        week = tuple(given[f"day{n}"] for n in range(len(WEEKDAYS)))
        named = {
            name: value
            for name, value in given.items()
            if (name != "area" and not name.startswith("day")) or name == "days_ahead"
        }
        return points.Told(**named, week=week)


class MatterForm(forms.Form):
    """Something that a point does."""

    name = forms.CharField(label=_("Matter"), required=False, max_length=40)
    bring = forms.CharField(label=_("What to bring"), required=False, max_length=300)
    minutes = forms.IntegerField(
        label=_("Minutes it takes"), required=False, min_value=1,
        max_value=points.LONGEST_MINUTES,
    )  # fmt: skip
    booking = forms.ChoiceField(label=_("Appointment"), choices=Booking.choices)
    order = forms.IntegerField(label=_("Place in the list"), min_value=0, max_value=999, initial=0)

    def __init__(self, data: Any = None, *, matter: ServiceMatter | None = None) -> None:
        names = ("name", "bring", "minutes", "booking", "order")
        initial = {name: getattr(matter, name) for name in names} if matter is not None else {}
        super().__init__(data, initial=initial, auto_id="matter_%s")
        dress(self)

    @property
    def told(self) -> points.MatterTold:
        return points.MatterTold(**self.cleaned_data)


class GuideForm(forms.Form):
    """A line of the online services."""

    kind = forms.ChoiceField(label=_("Leads to"), choices=GuideKind.choices)
    title = forms.CharField(label=_("Title"), required=False, max_length=40)
    words = forms.CharField(label=_("A word about it"), required=False, max_length=200)
    link = forms.CharField(
        label=_("Address on the web"), required=False, max_length=300,
        help_text=_("Begins with https:// or http://; only for an address on the web."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        dress(self)

    @property
    def told(self) -> online.Told:
        return online.Told(**self.cleaned_data)


class PlanForm(InArea):
    """An activity of a town or community."""

    title = forms.CharField(label=_("Title"), required=False, max_length=60)
    spot = forms.CharField(label=_("Place to meet"), required=False, max_length=60)
    begins_at = When(label=_("Begins"))
    ends_at = When(label=_("Ends"))
    sign_up_until = When(label=_("Sign-up until"), help_text=_("Empty: until it begins."))
    capacity = forms.IntegerField(
        label=_("Places for people"), min_value=1, max_value=MOST_PLACES, initial=20
    )
    words = Say(label=_("What is done and what to bring"), rows=3, help_text=PUBLIC)

    def __init__(
        self, data: Any = None, *, actor: Actor, activity: PlatformActivity | None = None
    ) -> None:
        names = ("title", "spot", "begins_at", "ends_at", "sign_up_until", "capacity", "words")
        initial = {name: getattr(activity, name) for name in names} if activity is not None else {}
        super().__init__(data, initial=initial)
        if activity is None:
            self.of(actor)
        else:
            del self.fields["area"]
        dress(self)

    @property
    def told(self) -> activities.Told:
        given = self.cleaned_data
        return activities.Told(**{name: given[name] for name in given if name != "area"})


class Clock(forms.TimeField):
    """A time of the wall clock, to the minute."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        super().__init__(widget=widget, input_formats=["%H:%M", "%H:%M:%S"], **kwargs)


class MealDayForm(forms.Form):
    """A day of the canteen."""

    day = Day(label=pgettext_lazy("platforms", "Day"))
    menu = Say(label=pgettext_lazy("platforms", "Menu"), rows=3)
    meals = forms.IntegerField(
        label=_("Meals that can be ordered"), min_value=1, max_value=MOST_MEALS
    )
    until = Clock(label=_("Orders until"))

    def __init__(
        self, data: Any = None, *, day: CanteenDay | None = None, first: date | None = None
    ) -> None:
        initial: dict[str, Any] = {"day": first, "meals": 60, "until": canteen.USUALLY_UNTIL}
        if day is not None:
            until = timezone.localtime(day.order_until).time()
            initial = {"day": day.day, "menu": day.menu, "meals": day.meals, "until": until}
        super().__init__(data, initial=initial)
        dress(self)

    @property
    def told(self) -> canteen.Told:
        given = self.cleaned_data
        return canteen.Told(given["menu"], given["meals"], given["until"])


class MealForm(forms.Form):
    """An order that the desk takes down."""

    meals = forms.IntegerField(label=_("Meals"), min_value=1, max_value=MOST_OF_ONE, initial=1)
    way = Pick(label=pgettext_lazy("platforms", "How"), choices=Way.choices, initial=Way.EAT_IN)
    name = forms.CharField(
        label=_("Whom for"), required=False, max_length=20,
        help_text=_("Kept encrypted, shown masked; erased 30 days afterwards."),
    )  # fmt: skip
    phone = forms.CharField(
        label=_("Phone"), required=False, max_length=24,
        help_text=_("Needed where it is brought."),
    )  # fmt: skip
    where = forms.CharField(
        label=_("Where to bring it"), required=False, max_length=100,
        help_text=_("Kept encrypted; each look is recorded."),
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for name in ("name", "phone", "where"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "data-no-draft": True}
        dress(self)

    @property
    def wanted(self) -> canteen.Wanted:
        return canteen.Wanted(**self.cleaned_data)
