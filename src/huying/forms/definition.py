"""A form as it is written: JSON, described whole in docs/forms.md. Pure.

`faults_of` tells everything that is wrong with one at once; `read` makes of a right one what the
other modules work with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from huying.errors import Words
from huying.forms import conditions
from huying.forms.conditions import Answered, BadCondition, Condition

MOST_QUESTIONS: Final = 60
MOST_CHOICES: Final = 40


class Kind(TextChoices):
    TEXT = "text", _("short text")
    LONG_TEXT = "long_text", _("long text")
    NUMBER = "number", _("a number")
    DATE = "date", _("date")
    TIME = "time", _("time of day")
    YES_NO = "yes_no", _("yes or no")
    ONE_OF = "one_of", _("one of several")
    SEVERAL_OF = "several_of", _("several of a list")
    PHOTO = "photo", _("photo")
    POSITION = "position", _("position on the map")
    PHONE = "phone", _("phone number (masked)")
    ID_NUMBER = "id_number", _("identity card number (masked)")
    SECTION = "section", _("heading")


CHOOSING: Final = frozenset({Kind.ONE_OF, Kind.SEVERAL_OF})
ORDERED: Final = frozenset({Kind.NUMBER, Kind.DATE, Kind.TIME})
"""Kinds whose answers can be more or less than something."""
ALWAYS_SENSITIVE: Final = frozenset({Kind.PHONE, Kind.ID_NUMBER})
MAY_BE_SENSITIVE: Final = frozenset({Kind.TEXT, Kind.LONG_TEXT})


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True)
class Question:
    """One question, or a heading over those that follow it up to the next heading.

    Attributes:
        sensitive: the answer tells of a person: kept encrypted, shown masked.
        when: what must be true of the answers before it; None means always.
        kept: it was answered before, and stays so where it is left empty; no form is written so.
    """

    id: str
    kind: Kind
    label: str
    required: bool = False
    help: str = ""
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    min: int | float | None = None
    max: int | float | None = None
    whole: bool = False
    sensitive: bool = False
    when: Condition | None = None
    kept: bool = False

    def label_of(self, value: str) -> str:
        return next((each.label for each in self.choices if each.value == value), value)


@dataclass(frozen=True)
class Definition:
    questions: tuple[Question, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Question]:
        return {each.id: each for each in self.questions}

    @property
    def asks(self) -> Iterator[Question]:
        """The questions without the headings."""
        return (each for each in self.questions if each.kind != Kind.SECTION)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. ``place`` counts questions from 0; None means the whole form."""

    place: int | None
    field: str
    words: Words


class BadDefinition(ValueError):
    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{each.place}: {each.words}" for each in faults))


_KEYS: Final = frozenset(
    {"id", "kind", "label", "required", "help", "choices", "unit", "min", "max", "whole",
     "sensitive", "when"}
)  # fmt: skip
_ONLY_FOR: Final[dict[str, frozenset[Kind]]] = {
    "choices": CHOOSING,
    "unit": frozenset({Kind.NUMBER}),
    "min": frozenset({Kind.NUMBER}),
    "max": frozenset({Kind.NUMBER}),
    "whole": frozenset({Kind.NUMBER}),
    "sensitive": MAY_BE_SENSITIVE | ALWAYS_SENSITIVE,
    "required": frozenset(Kind) - {Kind.SECTION},
}
_LONGEST: Final = {"label": 80, "help": 300, "unit": 12}


def read(written: Any) -> Definition:
    """The form that a definition writes.

    Raises:
        BadDefinition: with everything that is wrong.
    """
    reader = _Reader()
    found = reader.form(written)
    if reader.faults:
        raise BadDefinition(reader.faults)
    return found


def faults_of(written: Any) -> list[Fault]:
    """Everything that is wrong with a written definition; empty when it may be used."""
    reader = _Reader()
    reader.form(written)
    return reader.faults


def keepable(words: str) -> bool:
    """Whether the database can keep these words: no NUL, no half of a surrogate pair."""
    return re.search("[\0\ud800-\udfff]", words) is None


@dataclass
class _Reader:
    faults: list[Fault] = field(default_factory=list)
    place: int | None = None

    def wrong(self, at: str, words: Words) -> None:
        self.faults.append(Fault(self.place, at, words))

    def form(self, written: Any) -> Definition:
        if not isinstance(written, dict) or not isinstance(written.get("questions"), list):
            self.wrong("", _("A definition is an object with a list of questions."))
            return Definition()
        for key in sorted(set(map(str, written)) - {"questions"}):
            self.wrong(key, _("There is no such setting: %s") % key)
        rows = written["questions"]
        if len(rows) > MOST_QUESTIONS:
            self.wrong("", _("A form has %s questions at most.") % MOST_QUESTIONS)
            rows = rows[:MOST_QUESTIONS]
        places = _places(rows)
        questions: list[Question] = []
        for self.place, row in enumerate(rows):
            question = self.question(row, questions, places)
            if question is not None:
                questions.append(question)
        self.place = None
        return Definition(tuple(questions))

    def question(self, row: Any, before: list[Question], places: dict[str, int]) -> Question | None:
        if not isinstance(row, dict):
            self.wrong("", _("A question is an object."))
            return None
        for key in sorted(set(map(str, row)) - _KEYS):
            self.wrong(key, _("There is no such setting: %s") % key)
        name, kind = self.id_of(row, places), self.kind_of(row)
        said: dict[str, Any] = {
            key: self.text(row, key, longest) for key, longest in _LONGEST.items()
        }
        if not said["label"]:
            self.wrong("label", _("The question has no words."))
        if kind is None:
            return None
        for key, kinds in _ONLY_FOR.items():
            if row.get(key) not in (None, False, "", []) and kind not in kinds:
                self.wrong(
                    key,
                    _("“%(setting)s” does not belong to the kind “%(kind)s”.")
                    % {"setting": key, "kind": kind.label},
                )
        least, most = self.bound(row, "min"), self.bound(row, "max")
        if least is not None and most is not None and least > most:
            self.wrong("max", _("The largest number is smaller than the smallest."))
        return Question(
            id=name,
            kind=kind,
            required=self.flag(row, "required"),
            choices=self.choices_of(row) if kind in CHOOSING else (),
            min=least,
            max=most,
            whole=self.flag(row, "whole"),
            sensitive=self.flag(row, "sensitive") or kind in ALWAYS_SENSITIVE,
            when=self.condition(row, {each.id: each for each in before}, places),
            **said,
        )

    def id_of(self, row: dict[str, Any], places: dict[str, int]) -> str:
        name = row.get("id")
        if not isinstance(name, str) or not re.fullmatch(conditions.ID, name):
            self.wrong("id", _("An id is a small letter, then small letters, digits and _."))
            return f"?{self.place}"
        if name in conditions.RESERVED:
            self.wrong("id", _("“%s” is a word of the conditions and cannot be an id.") % name)
        elif places[name] != self.place:
            self.wrong("id", _("Another question has the id “%s” already.") % name)
        return name

    def kind_of(self, row: dict[str, Any]) -> Kind | None:
        kind = row.get("kind")
        if not isinstance(kind, str) or kind not in Kind.values:
            self.wrong("kind", _("There is no such kind of question: %s") % kind)
            return None
        return Kind(kind)

    def text(self, row: dict[str, Any], key: str, longest: int) -> str:
        said = row.get(key, "")
        if not isinstance(said, str) or not keepable(said):
            self.wrong(key, _("This must be text."))
            return ""
        if len(said.strip()) > longest:
            self.wrong(key, _("This has %s characters at most.") % longest)
        return said.strip()

    def flag(self, row: dict[str, Any], key: str) -> bool:
        said = row.get(key, False)
        if not isinstance(said, bool):
            self.wrong(key, _("This is true or false."))
        return said is True

    def bound(self, row: dict[str, Any], key: str) -> int | float | None:
        said = row.get(key)
        if said is None:
            return None
        if isinstance(said, bool) or not isinstance(said, int | float):
            self.wrong(key, _("This must be a number."))
            return None
        text = repr(said).removesuffix(".0")
        if not re.fullmatch(conditions.NUMBER, text):
            self.wrong(key, _("A number has 15 digits and 4 decimals at most."))
            return None
        return conditions.number(text)

    def choices_of(self, row: dict[str, Any]) -> tuple[Choice, ...]:
        rows = row.get("choices")
        if not isinstance(rows, list) or not rows:
            self.wrong("choices", _("There is nothing to choose from."))
            return ()
        if len(rows) > MOST_CHOICES:
            self.wrong("choices", _("There are %s choices at most.") % MOST_CHOICES)
        found: list[Choice] = []
        for each in rows[:MOST_CHOICES]:
            value = each.get("value") if isinstance(each, dict) else None
            label = each.get("label") if isinstance(each, dict) else None
            if (
                not isinstance(value, str)
                or not isinstance(label, str)
                or not (_short(value, 40) and _short(label, 60))
                or set(each) - {"value", "label"}
            ):
                self.wrong("choices", _("A choice has a value and words, neither too long."))
            elif any(value == other.value for other in found):
                self.wrong("choices", _("The choice “%s” is there twice.") % value)
            else:
                found.append(Choice(value, label))
        return tuple(found)

    def condition(
        self, row: dict[str, Any], before: Mapping[str, Question], places: dict[str, int]
    ) -> Condition | None:
        said = row.get("when", "")
        if not isinstance(said, str) or not keepable(said):
            self.wrong("when", _("This must be text."))
            return None
        if not said.strip():
            return None
        try:
            found = conditions.parse(said)
        except BadCondition as error:
            self.wrong("when", error.words)
            return None
        for test in conditions.asked(found):
            self.test(test, before, places)
        return found

    def test(
        self,
        test: conditions.Answered | conditions.Compared | conditions.Among,
        before: Mapping[str, Question],
        places: dict[str, int],
    ) -> None:
        """A single test looks back at a question whose answers can be so."""
        name = test.question
        assert self.place is not None
        if name not in places:
            self.wrong("when", _("There is no question “%s” to look at.") % name)
            return
        if places[name] == self.place:
            self.wrong("when", _("The condition looks at the question itself."))
            return
        if places[name] > self.place:
            self.wrong("when", _("“%s” is asked later: a condition looks back only.") % name)
            return
        question = before.get(name)
        if question is None:
            return  # its own fault is told at its place
        if question.kind == Kind.SECTION:
            self.wrong("when", _("“%s” is a heading and has no answer.") % name)
        elif not isinstance(test, Answered) and (words := _why_not(test, question)):
            self.wrong("when", words)


def _places(rows: list[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, row in enumerate(rows):
        name = row.get("id") if isinstance(row, dict) else None
        if isinstance(name, str):
            found.setdefault(name, place)
    return found


def _short(said: str, longest: int) -> bool:
    return 0 < len(said.strip()) <= longest and keepable(said)


def _why_not(test: conditions.Compared | conditions.Among, question: Question) -> Words:
    """Why an answer can never be so; empty when it can."""
    kind, name = question.kind, question.id
    values = test.values if isinstance(test, conditions.Among) else (test.value,)
    sign = test.sign if isinstance(test, conditions.Compared) else "="
    if question.sensitive or kind in (Kind.PHOTO, Kind.POSITION, Kind.LONG_TEXT):
        return _("Of “%s” a condition may only ask whether it is answered.") % name
    if sign != "=" and kind not in ORDERED:
        return _("Answers to “%s” are not more or less than another.") % name
    for value in values:
        if kind in CHOOSING and value not in [each.value for each in question.choices]:
            return _("“%(id)s” has no choice “%(value)s”.") % {"id": name, "value": value}
        if not _of_kind(value, kind):
            return _("“%(value)s” cannot be an answer to “%(id)s”.") % {"id": name, "value": value}
    return ""


def _of_kind(value: conditions.Value, kind: Kind) -> bool:
    if kind == Kind.YES_NO:
        return isinstance(value, bool)
    if kind == Kind.NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if not isinstance(value, str):
        return False
    pattern = {Kind.DATE: r"[0-9]{4}-[0-9]{2}-[0-9]{2}", Kind.TIME: r"[0-9]{2}:[0-9]{2}"}.get(kind)
    return pattern is None or re.fullmatch(pattern, value) is not None
