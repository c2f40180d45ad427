"""The lines of a queue as they are drawn, kept while nothing of them changes.

An open queue is drawn anew whenever one of its cases has changed; of its thirty lines twenty-nine
then are as they were. A line is kept under all that it was drawn from, without the time left: that
changes each minute, and is drawn apart.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import lru_cache
from typing import Any

from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from huying.cases.models import Case
from huying.desk.queue import Row
from huying.dispatch.standing import Standing
from huying.places import naming

MOST = 4000
"""Some eight megabytes in each web process."""

LIGHT = "<!--light-->"

_kept: OrderedDict[Any, str] = OrderedDict()
_lock = threading.Lock()


def drawn(row: Row, *, words: str, bulk: bool) -> str:
    """A line as HTML. ``words``: what was searched for; ``bulk``: with a box to select it."""
    key = _key(row, words, bulk)
    with _lock:
        made = _kept.get(key)
        if made is not None:
            _kept.move_to_end(key)
    if made is None:
        made = get_template("desk/_row.html").render({"row": row, "words": words, "bulk": bulk})
        with _lock:
            _kept[key] = made
            while len(_kept) > MOST:
                _kept.popitem(last=False)
    # Nothing that anybody wrote holds this mark: it would be escaped.
    return mark_safe(made.replace(LIGHT, _light(row.standing, get_language()), 1))  # noqa: S308


@lru_cache(maxsize=2000)
def _light(standing: Standing, language: str | None) -> str:
    """The light and the time left, in a language that is activated."""
    return get_template("desk/_light.html").render({"standing": standing})


def _key(row: Row, words: str, bulk: bool) -> Any:
    """All that a line shows: the case's own row, the names beside it, and the present day."""
    case = row.case
    item, unit = case.item_version, case.lead_unit
    return (
        *(repr(getattr(case, name)) for name in _FIELDS),
        item and item.name,
        unit and unit.name,
        naming.own_name(case.holder_code),
        row.standing.light,
        row.place,
        row.text,
        tuple(row.why),
        row.part,
        words,
        bulk,
        get_language(),
        timezone.localdate(),
    )


_FIELDS = tuple(field.attname for field in Case._meta.concrete_fields)
