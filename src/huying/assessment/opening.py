"""Opening a figure: which cases stand behind its numerator and denominator. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from uuid import UUID

from huying.assessment.beside import OF_PLACES, OF_SURVEYS
from huying.assessment.indicators import Formula, Indicator
from huying.assessment.tallies import Tally

Refs = Mapping[Tally, Sequence[UUID]]


class Part(StrEnum):
    """What of a figure is opened: what it was divided by, what is in it, what is not, what was left
    out."""

    DENOMINATOR = "denominator"
    NUMERATOR = "numerator"
    REST = "rest"
    LEFT = "left"


class Of(StrEnum):
    """What a figure is made of."""

    CASES = "cases"
    PLACES = "places"
    SURVEYS = "surveys"


def made_of(indicator: Indicator) -> Of:
    tallies = indicator.denominator.tallies
    if tallies & OF_PLACES:
        return Of.PLACES
    return Of.SURVEYS if tallies & OF_SURVEYS else Of.CASES


def refs(formula: Formula, found: Refs) -> Counter[UUID]:
    """How often each is in a sum, whatever its weight there; what is taken off is not in it."""
    made: Counter[UUID] = Counter()
    for weight, tally in formula.terms:
        each = Counter(found.get(tally, ()))
        if weight > 0:
            made += each
        else:
            made -= each
    return made


def behind(indicator: Indicator, found: Refs, part: Part) -> Counter[UUID]:
    """How often each case, place or survey is in a part of the figure."""
    if part is Part.NUMERATOR:
        return refs(indicator.numerator, found)
    if part is Part.LEFT:
        return Counter()
    whole = refs(indicator.denominator, found)
    return whole if part is Part.DENOMINATOR else whole - refs(indicator.numerator, found)


def left(indicator: Indicator, found: Refs) -> Counter[UUID]:
    """How often each would count, and was left out: of the denominator, else of the numerator."""
    return refs(indicator.denominator, found) | refs(indicator.numerator, found)
