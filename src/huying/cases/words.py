"""How the codes in an event's data are said on the timeline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from huying.cases import flow
from huying.cases.models import Case, Channel
from huying.cases.states import State
from huying.catalogue.models import Clock
from huying.catalogue.versions import snapshot
from huying.places.models import Level
from huying.places.naming import names, own_name


def _time(value: str) -> str:
    moment = timezone.localtime(datetime.fromisoformat(value))
    return formats.date_format(moment, "Y-m-d H:i")


def _yes(value: bool) -> str:
    return _("yes") if value else _("no")


def _area(code: str) -> str:
    return names(code)


def _item(code: str) -> str:
    item = snapshot(timezone.now()).get(code)
    return f"{code} {item.name}" if item is not None else code


PRIORITIES = (gettext_lazy("normal"), gettext_lazy("pressing"), gettext_lazy("most pressing"))
"""The words of a case's priority, by its number."""


def item_name(case: Case) -> str:
    """The item's name for whoever is told of the case: kept with the notice, so in one language."""
    if case.item_version is not None:
        return case.item_version.name
    item = snapshot(timezone.now()).get(case.item_code) if case.item_code else None
    if item is not None:
        return item.name
    with override(settings.LANGUAGE_CODE):
        return _("a matter not classified yet")


def supervision_number(code: str) -> str:
    """A supervision's number as people write it: 石碁镇督〔2026〕12号."""
    office, year, serial = code.split("-")
    values = {"place": own_name(office), "year": year, "serial": serial}
    return _("%(place)s supervision (%(year)s) no. %(serial)s") % values


WHISTLES = {
    "problem": gettext_lazy("hard problem"),
    "joint": gettext_lazy("joint enforcement"),
    "emergency": gettext_lazy("emergency call"),
}
"""What a whistle is blown for; the stage of responding knows more of it."""

_CALL_WORDS = {
    "phone": gettext_lazy("by phone"),
    "link": gettext_lazy("by the link"),
    "reached": gettext_lazy("reached, and answered"),
    "not_reached": gettext_lazy("not reached"),
    "refused": gettext_lazy("did not want to answer"),
    "wrong_number": gettext_lazy("wrong number"),
}
"""Ways and outcomes of a call-back; the stage of responding knows more of it."""

_SAY: dict[str, tuple[Any, Callable[[Any], str]]] = {
    "sort": (gettext_lazy("sort of whistle"), lambda v: str(WHISTLES[v])),
    "units": (gettext_lazy("called units"), str),
    "minutes": (gettext_lazy("minutes after the call"), str),
    "late": (gettext_lazy("later than the limit"), _yes),
    "distance_m": (gettext_lazy("metres from the spot"), str),
    "from_desk": (gettext_lazy("from the desk of"), _area),
    "to_desk": (gettext_lazy("with the desk of"), _area),
    "decided_by": (gettext_lazy("to be decided by"), _area),
    "decide_by": (gettext_lazy("time to decide ends"), _time),
    "told": (gettext_lazy("leaders told, times"), str),
    "upheld": (gettext_lazy("refusal found right"), _yes),
    "attendance": (gettext_lazy("attendance"), str),
    "cooperation": (gettext_lazy("cooperation"), str),
    "outcome": (gettext_lazy("outcome"), str),
    "channel": (gettext_lazy("channel"), lambda v: str(Channel(v).label)),
    "unit": (gettext_lazy("unit"), str),
    "suggested_unit": (gettext_lazy("suggested unit"), str),
    "from_unit": (gettext_lazy("from unit"), str),
    "assist": (gettext_lazy("assisting units"), str),
    "item": (gettext_lazy("item"), _item),
    "from_item": (gettext_lazy("item before"), _item),
    "level": (gettext_lazy("level"), lambda v: str(Level(v).label)),
    "emergency": (gettext_lazy("emergency"), _yes),
    "forced": (gettext_lazy("forced dispatch"), _yes),
    "emergency_words": (gettext_lazy("words that raise an alarm"), "、".join),
    "reason_code": (gettext_lazy("reason"), str),
    "holder": (gettext_lazy("held by the desk of"), _area),
    "from_holder": (gettext_lazy("from the desk of"), _area),
    "area": (gettext_lazy("place"), _area),
    "from_area": (gettext_lazy("place before"), _area),
    "until": (gettext_lazy("until"), _time),
    "amount": (gettext_lazy("amount"), str),
    "clock": (gettext_lazy("clock"), lambda v: str(Clock(v).label)),
    "true": (gettext_lazy("found to be true"), _yes),
    "passed": (gettext_lazy("passed"), _yes),
    "drawn": (gettext_lazy("drawn for checking"), _yes),
    "reworks": (gettext_lazy("reworks"), str),
    "returns": (gettext_lazy("returns"), str),
    "deadline": (gettext_lazy("deadline of"), lambda v: str(State(v).label)),
    "due": (gettext_lazy("due"), _time),
    "answer_by": (gettext_lazy("answer by"), _time),
    "due_before": (gettext_lazy("deadline before"), _time),
    "due_after": (gettext_lazy("deadline now"), _time),
    "rule": (gettext_lazy("deciding rule"), str),
    "rulebook": (gettext_lazy("rules, version"), str),
    "priority": (gettext_lazy("priority"), lambda v: str(PRIORITIES[v])),
    "document": (gettext_lazy("document number"), str),
    "expires_at": (gettext_lazy("valid until"), _time),
    "sub_number": (gettext_lazy("sub-case"), str),
    "subs": (gettext_lazy("sub-cases"), str),
    "percent": (gettext_lazy("used of the limit"), lambda v: f"{v} %"),
    "turn": (gettext_lazy("its turn was at"), _time),
    "number": (gettext_lazy("supervision number"), supervision_number),
    "members": (gettext_lazy("units that met"), "、".join),
    "way": (gettext_lazy("way"), lambda v: str(_CALL_WORDS[v])),
    "call_outcome": (gettext_lazy("what came of the call"), lambda v: str(_CALL_WORDS[v])),
    "responded": (gettext_lazy("answered in time"), _yes),
    "solved": (gettext_lazy("solved"), _yes),
    "satisfied": (gettext_lazy("satisfied"), _yes),
    "fairly_satisfied": (gettext_lazy("fairly satisfied"), _yes),
    "step": (gettext_lazy("step taken back"), lambda v: str(flow.ROWS[v].label)),
}


def words_for(name: str, value: Any) -> tuple[str, str] | None:
    """A label and a value in the reader's language; None for what is not shown."""
    said = _SAY.get(name)
    if said is None or value in (None, "", []):
        return None
    if name in ("emergency", "fairly_satisfied") and not value:
        return None
    label, say = said
    return str(label), say(value)
