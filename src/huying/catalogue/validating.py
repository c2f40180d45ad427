"""What an item's version must be like; every fault is told, not only the first. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from huying.catalogue.evidence import EvidenceError, parse
from huying.catalogue.models import Clock, Kind
from huying.errors import BadInput, NotFound
from huying.places.models import Level

LIMITS: Final = ("accept_limit_min", "sign_limit_min", "handle_limit", "check_limit")
TEXTS: Final = {
    "name": 60,
    "description": 400,
    "lead_department": 40,
    "photo_rule": 20,
    "example": 400,
    "evidence": 120,
}
"""The text fields and how many characters each holds."""

FIELDS: Final = (
    "name",
    "description",
    "default_level",
    "lead_department",
    "assisting_departments",
    "kind",
    "settle",
    "accept_limit_min",
    "sign_limit_min",
    "handle_limit",
    "handle_clock",
    "check_limit",
    "check_clock",
    "total_limit_hours",
    "evidence",
    "photo_rule",
    "escalate_words",
    "example",
)
"""All that a version states, in the order people read it."""

PHOTO_RULES: Final = frozenset({"", "no_face"})
"""``no_face``: photos must show no faces (visits to people who need care)."""

MOST: Final = 100_000
"""No limit may be larger, whatever its unit; a slip of the keyboard, not a policy."""

_CODE = re.compile(r"\d{4}")
_HOURS = {Clock.NATURAL_HOUR: 1, Clock.NATURAL_DAY: 24}


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of one field, as a sentence in both languages."""

    field: str
    zh: str
    en: str


class InvalidItem(BadInput):
    """A version that can't be; ``problems`` lists every fault."""

    code = "invalid_item"
    sentence = _("The item is not right as it stands.")

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        zh = "；".join(each.zh for each in self.problems)
        en = "; ".join(each.en for each in self.problems)
        super().__init__(
            bilingual(zh, en),
            field=self.problems[0].field if self.problems else None,
            problems=[{"field": p.field, "zh": p.zh, "en": p.en} for p in self.problems],
        )


class UnknownItem(NotFound):
    code = "unknown_item"
    sentence = _("The catalogue has no such item.")


class OnTrial(BadInput):
    """The item is tried in some towns, and this place is in none of them."""

    code = "item_on_trial"
    sentence = _("This item is on trial in other towns; it cannot be used here yet.")


class RetiredItem(BadInput):
    code = "retired_item"
    sentence = _("The item is no longer in use.")


def _in_language(zh: str, en: str) -> str:
    return zh if (get_language() or "").startswith("zh") else en


bilingual = lazy(_in_language, str)
"""Words made of both languages, shown in the one that is active; for sentences with parts."""


def code_problems(code: str) -> tuple[Problem, ...]:
    """What is wrong with an item's code: four digits, the first two its category's."""
    if _CODE.fullmatch(code):
        return ()
    return (Problem("code", f"事项代码“{code}”应为四位数字", "an item's code is four digits"),)


def problems_of(fields: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Every fault of a version's fields, which must all be given; empty when it may stand."""
    found: list[Problem] = []
    for name in fields.keys() - set(FIELDS):
        found.append(Problem(name, f"没有“{name}”这一栏", f"there is no field {name}"))
    for name in FIELDS:
        if name not in fields:
            found.append(Problem(name, f"缺少“{name}”", f"{name} is missing"))
    if found:
        return tuple(found)
    found += _text_problems(fields)
    found += _choice_problems(fields)
    limits = _limit_problems(fields)
    found += limits
    try:
        parse(str(fields["evidence"]))
    except EvidenceError as error:
        found.append(Problem("evidence", f"办结要件{error.zh}", f"evidence, {error.en}"))
    if fields["settle"] and fields["kind"] == Kind.EMERGENCY:
        found.append(
            Problem("settle", "紧急事项不能现场办结", "an emergency can't be settled on the spot")
        )
    if not limits:
        found += _total_problems(fields)
    return tuple(found)


def _text_problems(fields: Mapping[str, Any]) -> Iterable[Problem]:
    for name, most in TEXTS.items():
        value = fields[name]
        if not isinstance(value, str):
            yield Problem(name, f"“{value}”不是文字", f"{value!r} is no text")
        elif len(value) > most:
            yield Problem(name, f"最多 {most} 个字", f"at most {most} characters")
    for name in ("name", "lead_department"):
        if isinstance(fields[name], str) and not fields[name].strip():
            yield Problem(name, "不能为空", f"{name} can't be empty")
    for name in ("assisting_departments", "escalate_words"):
        yield from _list_problems(name, fields[name])
    if fields["lead_department"] in fields["assisting_departments"]:
        yield Problem(
            "assisting_departments",
            "主办部门不能同时是协办部门",
            "the lead department can't assist as well",
        )


def _list_problems(name: str, values: Any) -> Iterable[Problem]:
    seen: set[str] = set()
    for value in values:
        if not isinstance(value, str) or not value.strip():
            yield Problem(name, "有空白的一项", "an entry is empty")
        elif len(value) > 40:
            yield Problem(name, f"“{value[:10]}…”超过 40 个字", "an entry is over 40 characters")
        elif value in seen:
            yield Problem(name, f"“{value}”重复", f"{value!r} stands there twice")
        seen.add(value)


def _choice_problems(fields: Mapping[str, Any]) -> Iterable[Problem]:
    choices = {
        "default_level": Level.values,
        "kind": Kind.values,
        "handle_clock": Clock.values,
        "check_clock": Clock.values,
        "photo_rule": PHOTO_RULES,
    }
    for name, known in choices.items():
        if fields[name] not in known:
            value = fields[name]
            yield Problem(name, f"“{value}”不是可选的值", f"{value!r} is not one of the choices")


def _limit_problems(fields: Mapping[str, Any]) -> list[Problem]:
    found = []
    for name in (*LIMITS, "total_limit_hours"):
        value = fields[name]
        if value is None and name == "total_limit_hours":
            continue
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST:
            zh, en = "应为大于零的整数", "must be a whole number above zero"
            found.append(Problem(name, zh, en))
    return found


def _total_problems(fields: Mapping[str, Any]) -> Iterable[Problem]:
    """A whole that is shorter than its part on the same clock can never be kept."""
    total = fields["total_limit_hours"]
    hours = _HOURS.get(fields["handle_clock"])
    if total is not None and hours is not None and total < fields["handle_limit"] * hours:
        yield Problem(
            "total_limit_hours",
            "全程时限短于处置时限",
            "the whole case has less time than its handling",
        )
