"""When a question is asked: a small grammar over the answers before it. Pure; never evaluated.

    fuel = "petrol" and (litres > 100 or answered(upstairs))
    not smell in ("none", "faint")

The Chinese words 且 或 非 已答 属于 是 否 may stand for and, or, not, answered, in, yes and no.
What is not answered, or not asked, is equal to nothing and neither more nor less than anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from huying.errors import Words

LONGEST: Final = 500
DEEPEST: Final = 12
ID: Final = r"[a-z][a-z0-9_]{0,29}"
NUMBER: Final = r"-?[0-9]{1,15}(?:\.[0-9]{1,4})?"
RESERVED: Final = frozenset({"and", "or", "not", "in", "answered", "yes", "no"})

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


@dataclass(frozen=True, slots=True)
class Answered:
    question: str


@dataclass(frozen=True, slots=True)
class Compared:
    """``sign`` is one of = > >= < <=. Of several chosen answers, = means that it is among them."""

    question: str
    sign: str
    value: Value


@dataclass(frozen=True, slots=True)
class Among:
    question: str
    values: tuple[Value, ...]


Condition = And | Or | Not | Answered | Compared | Among


class BadCondition(ValueError):
    """What is wrong with a written condition, as a sentence."""

    def __init__(self, words: Words) -> None:
        self.words = words
        super().__init__(str(words))


_TOKEN: Final = re.compile(
    rf"""[ \t\r\n\u3000]*(?:
    (?P<text>"(?:[^"\\]|\\.)*"|“[^”]*”)
    |(?P<number>{NUMBER})(?![0-9.])
    |(?P<word>{ID}(?![a-z0-9_])|且|或|非|已答|属于|是|否)
    |(?P<sign>>=|<=|[=<>≥≤()（）,，、])
    )""",
    re.VERBOSE,
)
_SAME: Final = {
    "且": "and", "或": "or", "非": "not", "已答": "answered", "属于": "in", "是": "yes", "否": "no",
    "≥": ">=", "≤": "<=", "（": "(", "）": ")", "，": ",", "、": ",",
}  # fmt: skip
_SIGNS: Final = frozenset({"=", ">", ">=", "<", "<="})


def parse(text: str) -> Condition:
    """The condition that the text writes.

    Raises:
        BadCondition: it is none; the sentence says what is wrong.
    """
    if len(text) > LONGEST:
        raise BadCondition(_("The condition is too long."))
    return _Reader(list(_tokens(text))).whole()


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, end = 0, len(text.rstrip(" \t\r\n\u3000"))
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            said = text[at : at + 12].strip()
            raise BadCondition(_("This cannot be read in the condition: %s") % said)
        at = found.end()
        kind = str(found.lastgroup)
        written = found[kind]
        yield (kind, written if kind == "text" else _SAME.get(written, written))


class _Reader:
    """One token after the other, the loosest binding first: or, and, not."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens, self.at, self.depth = tokens, 0, 0

    def next(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("", "")

    def takes(self, *written: str) -> bool:
        kind, said = self.next()
        if kind in ("word", "sign") and said in written:
            self.at += 1
            return True
        return False

    def needs(self, written: str) -> None:
        if not self.takes(written):
            said = self.next()[1]
            raise BadCondition(
                _("In the condition, “%(wanted)s” is missing before “%(said)s”.")
                % {"wanted": written, "said": said}
                if said
                else _("In the condition, “%s” is missing at the end.") % written
            )

    def whole(self) -> Condition:
        found = self.either()
        if self.at < len(self.tokens):
            raise BadCondition(_("The condition goes on after its end: %s") % self.next()[1])
        return found

    def either(self) -> Condition:
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadCondition(_("The condition has too many brackets in each other."))
        parts = [self.both()]
        while self.takes("or"):
            parts.append(self.both())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self) -> Condition:
        parts = [self.negated()]
        while self.takes("and"):
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negated(self) -> Condition:
        nots = 0
        while self.takes("not"):
            nots += 1
            if nots > DEEPEST:
                raise BadCondition(_("The condition has too many brackets in each other."))
        found = self.single()
        for _each in range(nots):
            found = Not(found)
        return found

    def single(self) -> Condition:
        if self.takes("("):
            found = self.either()
            self.needs(")")
            return found
        if self.takes("answered"):
            self.needs("(")
            question = self.question()
            self.needs(")")
            return Answered(question)
        question = self.question()
        if self.takes("in"):
            self.needs("(")
            values = [self.value()]
            while self.takes(","):
                values.append(self.value())
            self.needs(")")
            return Among(question, tuple(values))
        kind, sign = self.next()
        if kind != "sign" or sign not in _SIGNS:
            raise BadCondition(_("After “%s” a comparison is missing: = > >= < <= in") % question)
        self.at += 1
        return Compared(question, sign, self.value())

    def question(self) -> str:
        kind, said = self.next()
        if kind != "word" or said in RESERVED:
            raise BadCondition(
                _("In the condition, a question's id is expected instead of “%s”.") % said
                if said
                else _("The condition breaks off: a question's id is missing.")
            )
        self.at += 1
        return said

    def value(self) -> Value:
        kind, said = self.next()
        self.at += 1
        if kind == "text":
            inner = said[1:-1]
            return re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL) if said[0] == '"' else inner
        if kind == "number":
            return number(said)
        if kind == "word" and said in ("yes", "no"):
            return said == "yes"
        raise BadCondition(
            _('“%s” is no value: write a number, yes, no, or words in quotes: "…"') % said
            if said
            else _("The condition breaks off: a value is missing.")
        )


def number(written: str) -> int | float:
    """A number as it is kept: whole ones without a fraction."""
    value = float(written)
    return int(value) if value.is_integer() else value


def written(condition: Condition) -> str:
    """The condition as text, which `parse` reads as the same condition."""
    match condition:
        case And(parts):
            return " and ".join(_held(each, And, Or) for each in parts)
        case Or(parts):
            return " or ".join(_held(each, Or) for each in parts)
        case Not(part):
            return f"not {_held(part, And, Or)}"
        case Answered(question):
            return f"answered({question})"
        case Among(question, values):
            return f"{question} in ({', '.join(map(_quoted, values))})"
        case Compared(question, sign, value):
            return f"{question} {sign} {_quoted(value)}"


def _held(part: Condition, *looser: type) -> str:
    said = written(part)
    return f"({said})" if isinstance(part, looser) else said


def _quoted(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


def as_json(condition: Condition) -> list[Any]:
    """The condition for a program that cannot read the grammar: nested lists, the verb first."""
    match condition:
        case And(parts):
            return ["and", *map(as_json, parts)]
        case Or(parts):
            return ["or", *map(as_json, parts)]
        case Not(part):
            return ["not", as_json(part)]
        case Answered(question):
            return ["answered", question]
        case Among(question, values):
            return ["in", question, list(values)]
        case Compared(question, sign, value):
            return [sign, question, value]


def asked(condition: Condition) -> Iterator[Answered | Compared | Among]:
    """The condition's single tests, from left to right."""
    match condition:
        case And(parts) | Or(parts):
            for each in parts:
                yield from asked(each)
        case Not(part):
            yield from asked(part)
        case _:
            yield condition


def holds(condition: Condition | None, answers: Mapping[str, Any]) -> bool:
    """Whether the condition is true of these answers, which hold only what was asked."""
    match condition:
        case None:
            return True
        case And(parts):
            return all(holds(each, answers) for each in parts)
        case Or(parts):
            return any(holds(each, answers) for each in parts)
        case Not(part):
            return not holds(part, answers)
        case Answered(question):
            return question in answers
        case Among(question, values):
            return any(_equal(answers.get(question), each) for each in values)
        case Compared(question, "=", value):
            return _equal(answers.get(question), value)
        case Compared(question, sign, value):
            return _ordered(answers.get(question), sign, value)


def _equal(answer: Any, value: Value) -> bool:
    if isinstance(answer, list):
        return value in answer
    if isinstance(answer, bool) or isinstance(value, bool):
        return answer is value
    return bool(answer == value)


def _ordered(answer: Any, sign: str, value: Value) -> bool:
    numbers = (int, float)
    if isinstance(answer, bool) or isinstance(value, bool):
        return False
    if not (
        (isinstance(answer, numbers) and isinstance(value, numbers))
        or (isinstance(answer, str) and isinstance(value, str))
    ):
        return False
    match sign:
        case ">":
            return bool(answer > value)  # type: ignore[operator]
        case ">=":
            return bool(answer >= value)  # type: ignore[operator]
        case "<":
            return bool(answer < value)  # type: ignore[operator]
        case _:
            return bool(answer <= value)  # type: ignore[operator]
