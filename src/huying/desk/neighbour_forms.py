"""Forms of the pages about neighbours: a wish, a suggestion, a team, an activity."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.desk.fields import List, Say, When
from huying.desk.patrol_forms import Day
from huying.desk.verb_form import dress, offer
from huying.neighbours import circles, meeting, wishing
from huying.neighbours.models import Suggestion, Wish
from huying.neighbours.models.circles import Tie
from huying.neighbours.models.wishes import LONGEST_STALL, MOST_CLAIMS, Sort
from huying.people.acting import Actor
from huying.places.models import Division, Level


def communities(actor: Actor) -> list[tuple[str, str]]:
    """The communities of the post's area, for a list."""
    area = actor.area_code
    found = Division.objects.filter(level=Level.COMMUNITY, code__startswith=area[:12])
    if len(area) > 12:
        found = Division.objects.filter(code=area[:12])
    return list(found.order_by("code").values_list("code", "short_name"))


class InCommunity(forms.Form):
    """A form about one community; at a desk that has only one it is not asked for."""

    area = List(label=_("Community"), empty=_("please choose"))

    def of(self, actor: Actor) -> None:
        known = communities(actor)
        offer(self, "area", known)
        if len(known) == 1:
            self.fields["area"].initial = known[0][0]
            self.fields["area"].widget = forms.HiddenInput()


class WishForm(InCommunity):
    """What is wanted, for how many, by when."""

    sort = forms.ChoiceField(label=pgettext_lazy("neighbours", "Kind"), choices=Sort.choices)
    title = forms.CharField(label=_("Title"), required=False, max_length=60)
    words = Say(
        label=_("What it is about"),
        rows=4,
        help_text=_("Everybody reads this: no names, phones or flat numbers."),
    )
    capacity = forms.IntegerField(
        label=_("How many may claim it"), min_value=1, max_value=MOST_CLAIMS, initial=1
    )
    claim_by = Day(label=_("Can be claimed until"), required=False)
    due_on = Day(label=_("To be done by"), required=False)
    stall_days = forms.IntegerField(
        label=_("Returns to the list after days without a word"),
        min_value=1,
        max_value=LONGEST_STALL,
        initial=7,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        actor: Actor,
        wish: Wish | None = None,
        suggestion: Suggestion | None = None,
    ) -> None:
        initial: dict[str, Any] = {}
        if wish is not None:
            names = ("sort", "title", "words", "capacity", "claim_by", "due_on", "stall_days")
            initial = {name: getattr(wish, name) for name in names}
        elif suggestion is not None:
            initial = {"sort": Sort.PROJECT, "words": suggestion.words}
        super().__init__(data, initial=initial)
        if wish is None and suggestion is None:
            self.of(actor)
        else:
            del self.fields["area"]
        dress(self)

    @property
    def told(self) -> wishing.Told:
        given = self.cleaned_data
        return wishing.Told(**{name: given[name] for name in given if name != "area"})


class SuggestionForm(InCommunity):
    """A suggestion that somebody tells at the desk, or a member makes."""

    words = Say(label=_("The suggestion"), rows=4)
    spot = forms.CharField(label=_("Where about"), required=False, max_length=100)
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        max_length=24,
        help_text=_("May be left out. Kept encrypted; each look is recorded."),
    )

    def __init__(self, data: Any = None, *, actor: Actor) -> None:
        super().__init__(data)
        self.of(actor)
        self.fields["phone"].widget.attrs |= {"autocomplete": "off", "data-no-draft": True}
        dress(self)


class CircleForm(InCommunity):
    """A volunteer team, or a group by one of the five ties."""

    tie = forms.ChoiceField(label=pgettext_lazy("neighbours", "Kind"), choices=Tie.choices)
    name = forms.CharField(label=pgettext_lazy("neighbours", "Name"), required=False, max_length=40)
    words = forms.CharField(label=_("What it does"), required=False, max_length=200)

    def __init__(self, data: Any = None, *, actor: Actor) -> None:
        super().__init__(data)
        self.of(actor)
        dress(self)
        self.fields["name"].widget.attrs["list"] = "six-teams"
        self.six = circles.SIX

    @property
    def told(self) -> circles.Told:
        given = self.cleaned_data
        return circles.Told(given["tie"], given["name"], given["words"])


class ActivityForm(forms.Form):
    """What a team or group does together."""

    title = forms.CharField(label=_("Title"), required=False, max_length=60)
    spot = forms.CharField(label=_("Place to meet"), required=False, max_length=60)
    begins_at = When(label=_("Begins"))
    ends_at = When(label=_("Ends"))
    places = forms.IntegerField(
        label=_("Places for people"), min_value=1, max_value=meeting.MOST_PLACES, initial=20
    )
    words = Say(
        label=_("What is done and what to bring"),
        rows=2,
        help_text=_("Everybody reads this: no names, phones or flat numbers."),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        dress(self)

    @property
    def told(self) -> meeting.Told:
        return meeting.Told(**self.cleaned_data)
