"""The flow's Petri net as PNML (ISO/IEC 15909-2), with verbs as labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from huying.cases.net import Marking, Net

NAMESPACE: Final = "http://www.pnml.org/version-2009/grammar/pnml"
KIND: Final = "http://www.pnml.org/version-2009/grammar/pnmlcoremodel"


def pnml(net: Net) -> str:
    """The whole file. A silent transition is marked as the process-mining tools mark it."""
    return "\n".join(_lines(net)) + "\n"


def _lines(net: Net) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<pnml xmlns="{NAMESPACE}">'
    yield f' <net id="huying" type="{KIND}">'
    yield "  <name><text>huying</text></name>"
    yield '  <page id="flow">'
    for place in net.places:
        marked = "<initialMarking><text>1</text></initialMarking>" if place in net.initial else ""
        yield f"   <place id={quoteattr(place)}>{_name(place)}{marked}</place>"
    for number, each in enumerate(net.transitions):
        silent = '<toolspecific tool="ProM" version="6.4" activity="$invisible$"/>'
        name = _name(each.label or f"tau{number}")
        yield f'   <transition id="t{number}">{name}{"" if each.label else silent}</transition>'
    for number, each in enumerate(net.transitions):
        for place in sorted(each.takes):
            yield _arc(f"t{number}i_{place}", place, f"t{number}")
        for place in sorted(each.gives):
            yield _arc(f"t{number}o_{place}", f"t{number}", place)
    yield "  </page>"
    yield f"  <finalmarkings>{_marking(net.final)}</finalmarkings>"
    yield " </net>"
    yield "</pnml>"


def _name(text: str) -> str:
    return f"<name><text>{escape(text)}</text></name>"


def _arc(key: str, source: str, target: str) -> str:
    weight = "<inscription><text>1</text></inscription>"
    return f'   <arc id="{key}" source="{source}" target="{target}">{weight}</arc>'


def _marking(marking: Marking) -> str:
    places = (f'<place idref="{place}"><text>1</text></place>' for place in sorted(marking))
    return f"<marking>{''.join(places)}</marking>"
