"""The forms of what organisations share, and of its bookings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from huying.branches.models import MemberOrganisation
from huying.desk.fields import List, Picks, Say, When
from huying.desk.verb_form import dress, offer
from huying.joint import booking, resources
from huying.joint.models import SharedResource
from huying.joint.models.resources import MOST, Kind
from huying.joint.times import MINUTES, Opening, minute_of

CHOOSE = _("please choose")
ROWS: Final = ("1", "2")
"""So many lines of hours a form asks for: workdays and weekends differ, more hardly ever."""

WEEKDAYS: Final = {
    1: pgettext_lazy("weekday", "Mon"),
    2: pgettext_lazy("weekday", "Tue"),
    3: pgettext_lazy("weekday", "Wed"),
    4: pgettext_lazy("weekday", "Thu"),
    5: pgettext_lazy("weekday", "Fri"),
    6: pgettext_lazy("weekday", "Sat"),
    7: pgettext_lazy("weekday", "Sun"),
}


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def hours_in_words(openings: Sequence[Opening]) -> list[str]:
    """The hours a line each; without any, that it is always open."""
    if not openings:
        return [now_("at any time")]
    return [
        f"{_days(each.days)} {_clock(each.begins)}–"
        + (now_("next day") + " " if each.ends <= each.begins else "")
        + _clock(each.ends)
        for each in openings
    ]


def _days(days: tuple[int, ...]) -> str:
    if len(days) == 7:
        return now_("every day")
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        given = {"first": WEEKDAYS[days[0]], "last": WEEKDAYS[days[-1]]}
        return now_("%(first)s to %(last)s") % given
    return pgettext("weekdays", ", ").join(str(WEEKDAYS[day]) for day in days)


class Clock(forms.TimeField):
    """A time of the day."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        super().__init__(widget=widget, input_formats=["%H:%M", "%H:%M:%S"], **kwargs)


class ResourceForm(forms.Form):
    """What is shared, by whom, where, and when it can be used."""

    organisation = List(label=_("Member organisation"), empty=CHOOSE)
    kind = List(label=pgettext_lazy("shared", "Kind"), empty=CHOOSE)
    name = forms.CharField(label=pgettext_lazy("shared", "Name"), required=False, max_length=60)
    spot = forms.CharField(label=pgettext_lazy("shared", "Where"), required=False, max_length=100)
    quantity = forms.IntegerField(
        label=_("How many can be booked"),
        min_value=1,
        max_value=MOST,
        help_text=_("A hall is one; of parking spaces or chairs how many there are."),
    )
    people = forms.IntegerField(
        label=_("Holds people"), required=False, min_value=1, max_value=99_999
    )
    contact = forms.CharField(
        label=_("Contact office"),
        required=False,
        max_length=60,
        help_text=_("An office and its line, no person."),
    )
    days1 = Picks(label=_("Open on"), choices=list(WEEKDAYS.items()))
    from1 = Clock(label=pgettext_lazy("shared", "from"))
    to1 = Clock(
        label=pgettext_lazy("shared", "to"),
        help_text=_("Earlier than it opens: until the next day."),
    )
    days2 = Picks(label=_("And on"), choices=list(WEEKDAYS.items()))
    from2 = Clock(label=pgettext_lazy("shared", "from"))
    to2 = Clock(label=pgettext_lazy("shared", "to"))
    words = Say(label=_("What is asked of who uses it"), rows=2)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, area: str, row: SharedResource | None = None) -> None:
        initial: dict[str, Any] = {"quantity": 1}
        if row is not None:
            names = (*("kind", "name", "spot", "quantity", "people", "contact", "words"), "version")
            initial = {name: getattr(row, name) for name in names}
            initial["organisation"] = str(row.organisation_id)
            for n, each in zip(ROWS, row.openings, strict=False):
                initial |= {
                    f"days{n}": [str(day) for day in each.days],
                    f"from{n}": time(*divmod(each.begins, 60)),
                    f"to{n}": time(*divmod(each.ends % MINUTES, 60)),
                }
        super().__init__(data, initial=initial)
        here = MemberOrganisation.objects.living().filter(area_code=area)
        offer(self, "organisation", [(str(each.pk), each.name) for each in here])
        offer(self, "kind", Kind.choices)
        dress(self)

    @property
    def plain(self) -> list[Any]:
        """The fields above the hours."""
        names = ("organisation", "kind", "name", "spot", "quantity", "people", "contact")
        return [self[name] for name in names]

    @property
    def hours(self) -> list[list[Any]]:
        return [[self[f"days{n}"], self[f"from{n}"], self[f"to{n}"]] for n in ROWS]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for n in ROWS:
            days, begins, ends = (given.get(f"{name}{n}") for name in ("days", "from", "to"))
            if not days and begins is None and ends is None:
                continue
            if not days:
                self.add_error(f"days{n}", _("Please choose the weekdays."))
            for name, said in (("from", begins), ("to", ends)):
                if said is None and f"{name}{n}" not in self.errors:
                    self.add_error(f"{name}{n}", _("Please give both times."))
        return given

    @property
    def told(self) -> resources.Told:
        given = self.cleaned_data
        openings = [
            Opening(
                tuple(int(day) for day in given[f"days{n}"]),
                minute_of(given[f"from{n}"]),
                minute_of(given[f"to{n}"]),
            )
            for n in ROWS
            if given[f"days{n}"]
        ]
        names = ("kind", "name", "spot", "quantity", "people", "contact", "words")
        return resources.Told(
            organisation=UUID(given["organisation"]) if given["organisation"] else None,
            **{name: given[name] for name in names},
            openings=openings,
        )


class BookingForm(forms.Form):
    """From when to when, how many, and what for."""

    begins_at = When(label=pgettext_lazy("booking", "From"))
    ends_at = When(label=pgettext_lazy("booking", "To"))
    quantity = forms.IntegerField(label=pgettext_lazy("booking", "How many"), initial=1)
    purpose = forms.CharField(
        label=_("What for"),
        required=False,
        max_length=200,
        help_text=_("No names or phones of people."),
    )

    def __init__(
        self, data: Any = None, *, resource: SharedResource, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        if resource.quantity == 1:
            del self.fields["quantity"]
        else:
            self.fields["quantity"].widget.attrs |= {"min": 1, "max": resource.quantity}
        dress(self)

    @property
    def told(self) -> booking.Told:
        given = self.cleaned_data
        return booking.Told(
            given["begins_at"], given["ends_at"], given["purpose"], given.get("quantity") or 1
        )
