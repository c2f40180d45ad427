"""What people are told about: each kind with its words, and whether it is an alarm.

A stage declares its kinds beside the verbs that tell of them:

    BLOWN = kind("blown", _("Whistle"), _("{unit} blew a whistle: answer by {by}"), alarm=True)

The words are filled in when they are read, in the reader's language. What fills them in is kept
with the notice and may leave the house over an outside channel: names of units and items, numbers
and times, never a person's data, an address or free text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import pgettext_lazy

from huying.errors import Words


class Group(StrEnum):
    """What a person reads kinds by, and chooses for: the inbox's filters, and outside channels."""

    TASKS = "tasks"
    DESK = "desk"
    WHISTLE = "whistle"
    SUPERVISION = "supervision"
    EMERGENCY = "emergency"
    OTHER = "other"

    @property
    def label(self) -> Words:
        return GROUP_WORDS[self]


GROUP_WORDS: dict[Group, Words] = {
    Group.TASKS: pgettext_lazy("notices", "To do"),
    Group.DESK: pgettext_lazy("notices", "Back to the desk"),
    Group.WHISTLE: pgettext_lazy("notices", "Whistle"),
    Group.SUPERVISION: pgettext_lazy("notices", "Supervision"),
    Group.EMERGENCY: pgettext_lazy("notices", "Emergencies"),
    Group.OTHER: pgettext_lazy("notices", "Other"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notice.

    Attributes:
        title: a few words, the same for every notice of the kind.
        body: one sentence with names in braces, filled in from the notice's data.
        alarm: told at once, by day and by night, whatever a person has chosen.
        group: under which the inbox and a person's choices have it.
    """

    name: str
    title: Words
    body: Words
    alarm: bool = False
    group: Group = Group.OTHER


KINDS: dict[str, Kind] = {}
"""Every kind; complete once Django has loaded the apps."""


def kind(
    name: str, title: Words, body: Words, *, alarm: bool = False, group: Group | None = None
) -> Kind:
    """Declares a kind of notice. An alarm whose group is not said is an emergency's.

    Raises:
        ValueError: another kind has this name already.
    """
    made = Kind(name, title, body, alarm, group or (Group.EMERGENCY if alarm else Group.OTHER))
    if KINDS.setdefault(name, made) != made:
        raise ValueError(f"two kinds of notice are called {name}")
    return made


def of_group(group: Group) -> list[str]:
    """The names of a group's kinds."""
    return [each.name for each in KINDS.values() if each.group is group]
