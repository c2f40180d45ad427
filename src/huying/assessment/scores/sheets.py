"""Score sheets as data: written, read, checked. The defaults are in `data/score_sheets.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

from django.utils.translation import gettext as _

from huying.assessment.scores.kinds import (
    COUNTS,
    Kind,
    is_lower_better,
    is_measure,
    name_of,
)
from huying.assessment.scores.scoring import (
    HUNDRED,
    Against,
    Bands,
    Each,
    Part,
    Rule,
    Share,
    Sheet,
    Standard,
)

MOST_OF_OTHERS: Final = Fraction(50)
"""What the other side says never weighs more than the figures, which anybody can check."""
HIGHEST_CAP: Final = Fraction(120)


class InvalidSheet(ValueError):
    """A sheet that can be none, with a sentence that says why."""


def as_data(sheet: Sheet) -> dict[str, Any]:
    """As it is kept: numbers as decimal words."""
    return {
        "others": _said(sheet.others),
        "cap": _said(sheet.cap),
        "parts": [_part_data(part) for part in sheet.parts],
    }


def _part_data(part: Part) -> dict[str, Any]:
    data: dict[str, Any] = {"measure": part.measure, "weight": _said(part.weight)}
    match part.rule:
        case Share():
            data["rule"] = "share"
        case Bands(edges, shares):
            data |= {
                "rule": "bands",
                "edges": [*map(_said, edges)],
                "shares": [*map(_said, shares)],
            }
        case Against(standard, norm):
            data |= {"rule": "against", "standard": str(standard)}
            data |= {} if norm is None else {"norm": _said(norm)}
        case Each(points, most):
            data |= {"rule": "each", "points": _said(points), "most": _said(most)}
    if part.lower and part.measure in COUNTS:
        data["lower"] = True
    if part.empty is not None:
        data["empty"] = _said(part.empty)
    if part.source:
        data["source"] = part.source
    return data


def read(kind: str, data: Mapping[str, Any]) -> Sheet:
    """A sheet from its data.

    Raises:
        InvalidSheet: it can be none.
    """
    try:
        return proved(
            Sheet(
                kind=kind,
                parts=tuple(_part(each) for each in data["parts"]),
                others=_number(data.get("others", "0")),
                cap=_number(data.get("cap", "100")),
            )
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidSheet(_("This is no score sheet.")) from error


def _part(data: Mapping[str, Any]) -> Part:
    measure = str(data["measure"])
    empty = data.get("empty")
    return Part(
        measure=measure,
        weight=_number(data.get("weight", "0")),
        rule=_rule(data),
        lower=is_lower_better(measure) or bool(data.get("lower")),
        empty=None if empty is None else _number(empty),
        source=str(data.get("source", ""))[:120],
    )


def _rule(data: Mapping[str, Any]) -> Rule:
    match data["rule"]:
        case "share":
            return Share()
        case "bands":
            edges, shares = data["edges"], data["shares"]
            return Bands(tuple(map(_number, edges)), tuple(map(_number, shares)))
        case "against":
            norm = data.get("norm")
            try:
                standard = Standard(data["standard"])
            except ValueError as error:
                raise InvalidSheet(_("A count is held against mean, median or norm.")) from error
            return Against(standard, None if norm is None else _number(norm))
        case "each":
            return Each(_number(data["points"]), _number(data["most"]))
    raise InvalidSheet(_("This is no rule of a score sheet."))


def _number(said: Any) -> Fraction:
    try:
        number = Decimal(str(said).strip())
    except InvalidOperation as error:
        raise InvalidSheet(_("“%(said)s” is no number.") % {"said": str(said)[:20]}) from error
    if not number.is_finite() or abs(number) > 1_000_000 or number.as_tuple().exponent < -4:  # type: ignore[operator]
        raise InvalidSheet(_("“%(said)s” is no number.") % {"said": str(said)[:20]})
    return Fraction(number)


def _said(number: Fraction) -> str:
    """As a decimal; what is read has four decimals at most, so it always is one."""
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return format(exact.normalize(), "f")


def proved(sheet: Sheet) -> Sheet:
    """The sheet, if it can score.

    Raises:
        InvalidSheet: weights do not make a hundred, bands leave a gap, or the like.
    """
    for part in sheet.parts:
        _prove(part)
    if len(set(sheet.measures)) < len(sheet.parts):
        raise InvalidSheet(_("A measure stands on the sheet twice."))
    whole = sum(part.weight for part in sheet.parts)
    if whole != HUNDRED:
        raise InvalidSheet(
            _("The weights make %(sum)s; they must make 100.") % {"sum": _said(Fraction(whole))}
        )
    if not 0 <= sheet.others <= MOST_OF_OTHERS:
        raise InvalidSheet(_("The other side's weight lies between 0 and 50."))
    if not HUNDRED <= sheet.cap <= HIGHEST_CAP:
        raise InvalidSheet(_("The cap lies between 100 and 120."))
    return sheet


def _prove(part: Part) -> None:
    if not is_measure(part.measure):
        raise InvalidSheet(_("There is no measure “%(code)s”.") % {"code": part.measure[:40]})
    told = {"name": name_of(part.measure)}
    count = part.measure in COUNTS
    if isinstance(part.rule, Each):
        if part.weight:
            raise InvalidSheet(_("%(name)s: what goes by the piece has no weight.") % told)
        if not part.rule.points or part.rule.most <= 0 or not count:
            raise InvalidSheet(_("%(name)s: points for each piece of a count, and at most.") % told)
        return
    if not 0 < part.weight <= HUNDRED:
        raise InvalidSheet(_("%(name)s: the weight lies above 0, up to 100.") % told)
    if part.empty is not None and not 0 < part.empty < 1:
        raise InvalidSheet(
            _("%(name)s: what is given without data lies between 0 and 1, neither of them.") % told
        )
    match part.rule:
        case Share():
            if count:
                raise InvalidSheet(_("%(name)s: a count is no rate.") % told)
        case Against(standard, norm):
            if not count:
                raise InvalidSheet(_("%(name)s: only a count is held against a standard.") % told)
            if (standard is Standard.NORM) != (norm is not None and norm > 0):
                raise InvalidSheet(_("%(name)s: a norm is a number above 0.") % told)
        case Bands(edges, shares):
            rising = all(one < two for one, two in pairwise(edges))
            if not edges or edges[0] != 0 or not rising or len(edges) != len(shares):
                raise InvalidSheet(_("%(name)s: bands begin at 0 and rise.") % told)
            if not all(0 <= share <= 1 for share in shares):
                raise InvalidSheet(_("%(name)s: a band gives between 0 and 1.") % told)


@cache
def defaults() -> Mapping[Kind, Sheet]:
    """The sheets that hold where a district has set none."""
    text = (files("huying") / "data" / "score_sheets.json").read_text(encoding="utf-8")
    data = json.loads(text)
    return {kind: read(kind, data[kind]) for kind in Kind}


def weighted(sheet: Sheet, weights: Mapping[str, str], *, others: str, cap: str) -> Sheet:
    """The same sheet with other weights, as the form changes them.

    Raises:
        InvalidSheet: as `proved`.
    """
    parts = tuple(
        part
        if isinstance(part.rule, Each)
        else replace(part, weight=_number(weights.get(part.measure, "")))
        for part in sheet.parts
    )
    return proved(replace(sheet, parts=parts, others=_number(others), cap=_number(cap)))
