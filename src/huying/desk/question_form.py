"""A form's definition as fields on a page, and back. Pure; what is wrong the definition says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from huying.forms import conditions
from huying.forms.conditions import Among, Answered, BadCondition, Compared, Not
from huying.forms.definition import CHOOSING, MAY_BE_SENSITIVE, Kind

MOST: Final = 60
SIGNS: Final = (
    ("", _("always")),
    ("=", _("if the answer is")),
    ("not", _("if the answer is not")),
    (">", _("if it is more than")),
    (">=", _("if it is at least")),
    ("<", _("if it is less than")),
    ("<=", _("if it is at most")),
    ("answered", _("if it is answered")),
    ("written", _("by a written condition")),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """When a question is asked, as four fields hold it."""

    sign: str = ""
    on: str = ""
    value: str = ""
    written: str = ""


def cards(definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The questions with what their fields hold."""
    rows = [row for row in definition.get("questions", []) if isinstance(row, dict)]
    return [
        {
            **row,
            "choices_text": "\n".join(_line(each) for each in row.get("choices", [])),
            "shown": _taken_apart(str(row.get("when", "")), rows[:place]),
            "before": [(each.get("id"), each.get("label")) for each in rows[:place]
                       if each.get("kind") != Kind.SECTION],
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip


def sent(data: Mapping[str, str]) -> dict[str, Any]:
    """The definition that a page's fields write, faults and all."""
    count = data.get("count", "0")
    places = range(min(int(count), MOST + 1) if count.isascii() and count.isdecimal() else 0)
    rows: list[dict[str, Any]] = []
    for place in places:
        rows.append(_row(data, place, rows))
    return {"questions": rows}


def changed(definition: dict[str, Any], what: str) -> tuple[dict[str, Any], int]:
    """The definition with a question added, removed or moved, and which one to go on with."""
    rows = list(definition["questions"])
    verb, _colon, said = what.partition(":")
    place = int(said) if said.isascii() and said.isdecimal() else len(rows)
    if verb == "add" and len(rows) < MOST:
        rows.append({"id": _free(rows), "kind": str(Kind.TEXT), "label": ""})
        return {"questions": rows}, len(rows) - 1
    if place >= len(rows):
        return definition, max(len(rows) - 1, 0)
    if verb == "remove":
        del rows[place]
        return {"questions": rows}, max(place - 1, 0)
    to = place - 1 if verb == "up" else place + 1
    if verb in ("up", "down") and 0 <= to < len(rows):
        rows[place], rows[to] = rows[to], rows[place]
        return {"questions": rows}, to
    return definition, place


def _row(data: Mapping[str, str], place: int, before: list[dict[str, Any]]) -> dict[str, Any]:
    def said(name: str) -> str:
        return data.get(f"{place}.{name}", "").strip()

    kind = said("kind")
    row: dict[str, Any] = {"id": said("id") or _free(before), "kind": kind, "label": said("label")}
    for name in ("required", "whole", "sensitive"):
        if said(name):
            row[name] = True
    if help_ := said("help"):
        row["help"] = help_
    if kind in CHOOSING:
        row["choices"] = [_choice(line) for line in said("choices").splitlines() if line.strip()]
    if kind == Kind.NUMBER:
        row |= {name: _number(said(name)) for name in ("min", "max") if said(name)}
        if unit := said("unit"):
            row["unit"] = unit
    else:
        row.pop("whole", None)
    if kind not in MAY_BE_SENSITIVE:
        row.pop("sensitive", None)
    if kind == Kind.SECTION:
        row.pop("required", None)
    shown = Shown(said("when_is"), said("when_on"), said("when_value"), said("when"))
    if when := _put_together(shown, before):
        row["when"] = when
    return row


def _free(rows: list[dict[str, Any]]) -> str:
    taken = {row.get("id") for row in rows}
    return next(name for n in range(1, MOST + 3) if (name := f"q{n}") not in taken)


def _number(said: str) -> Any:
    with suppress(ValueError, OverflowError):
        return conditions.number(said)
    return said


def _choice(line: str) -> dict[str, str]:
    """`value = words`, or words alone, which are then their own value."""
    value, sign, label = re.sub("＝", "=", line).partition("=")
    label = label.strip() if sign else value.strip()
    return {"value": value.strip(), "label": label}


def _line(choice: Any) -> str:
    if not isinstance(choice, dict):
        return str(choice)
    value, label = str(choice.get("value", "")), str(choice.get("label", ""))
    return label if value == label else f"{value} = {label}"


def _taken_apart(when: str, before: list[dict[str, Any]]) -> Shown:
    """A condition of one test as fields; anything else as it is written."""
    if not when:
        return Shown()
    with suppress(BadCondition):
        condition = conditions.parse(when)
        sign, test = "", condition
        if isinstance(condition, Not):
            sign, test = "not", condition.part
        known = {row.get("id"): row for row in before}
        match test:
            case Answered(on) if not sign:
                return Shown("answered", on)
            case Among(on, values):
                return Shown(sign or "=", on, "、".join(_say(known.get(on), v) for v in values))
            case Compared(on, "=", value):
                return Shown(sign or "=", on, _say(known.get(on), value))
            case Compared(on, other, value) if not sign:
                return Shown(other, on, _say(known.get(on), value))
    return Shown("written", written=when)


def _put_together(shown: Shown, before: list[dict[str, Any]]) -> str:
    if shown.sign in ("", "written"):
        return shown.written if shown.sign else ""
    if not shown.on:
        return ""
    if shown.sign == "answered":
        return f"answered({shown.on})"
    row = next((each for each in before if each["id"] == shown.on), None)
    parts = re.split(r"[、;；]", shown.value) if shown.sign in ("=", "not") else [shown.value]
    values = [_value(row, part.strip()) for part in parts]
    if shown.sign not in ("=", "not"):
        return conditions.written(Compared(shown.on, shown.sign, values[0]))
    one = Compared(shown.on, "=", values[0])
    test = one if len(values) == 1 else Among(shown.on, tuple(values))
    return conditions.written(Not(test) if shown.sign == "not" else test)


def _say(row: Mapping[str, Any] | None, value: conditions.Value) -> str:
    """A value in the question's own words."""
    if isinstance(value, bool):
        return "是" if value else "否"
    for each in (row or {}).get("choices", []):
        if isinstance(each, dict) and each.get("value") == value:
            return str(each.get("label"))
    return str(value)


def _value(row: Mapping[str, Any] | None, said: str) -> conditions.Value:
    """What was typed, as an answer to the question: its choice, a number, yes or no, or words."""
    kind = (row or {}).get("kind")
    if kind == Kind.YES_NO and said.lower() in ("是", "否", "yes", "no"):
        return said.lower() in ("是", "yes")
    if kind == Kind.NUMBER and re.fullmatch(conditions.NUMBER, said):
        return conditions.number(said)
    for each in (row or {}).get("choices", []):
        if each.get("label") == said:
            return str(each.get("value"))
    return said
