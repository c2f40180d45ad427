"""What people are told about: each kind with its words, and whether it is an alarm.

A stage declares its kinds beside the verbs that tell of them:

    BLOWN = kind("blown", _("Whistle"), _("{unit} blew a whistle: answer by {by}"), alarm=True)

The words are filled in when they are read, in the reader's language. What fills them in is kept
with the notice and may leave the house over an outside channel: names of units and items, numbers
and times, never a person's data, an address or free text.
"""

from __future__ import annotations

from dataclasses import dataclass

from huying.errors import Words


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notice.

    Attributes:
        title: a few words, the same for every notice of the kind.
        body: one sentence with names in braces, filled in from the notice's data.
        alarm: told at once, by day and by night, whatever a person has chosen.
    """

    name: str
    title: Words
    body: Words
    alarm: bool = False


KINDS: dict[str, Kind] = {}
"""Every kind; complete once Django has loaded the apps."""


def kind(name: str, title: Words, body: Words, *, alarm: bool = False) -> Kind:
    """Declares a kind of notice.

    Raises:
        ValueError: another kind has this name already.
    """
    made = Kind(name, title, body, alarm)
    if KINDS.setdefault(name, made) != made:
        raise ValueError(f"two kinds of notice are called {name}")
    return made
