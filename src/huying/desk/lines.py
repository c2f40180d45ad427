"""The lines of a queue as they are drawn, kept while nothing of them changes.

An open queue is drawn anew whenever one of its cases has changed; of its thirty lines twenty-nine
then are as they were. A line is kept under all that it was drawn from, without the time left: that
changes each minute, and is drawn apart.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from functools import lru_cache
from operator import attrgetter
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import JSONField
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from huying.cases.models import Case
from huying.desk.queue import Row
from huying.dispatch.standing import Standing
from huying.places import naming

MOST = 12_000
"""The first lines of 300 desks are 9,000. A line is 2.6 kB with its key: 32 MB in a web process."""

LIGHT = "<!--light-->"

_kept: OrderedDict[Any, bytes] = OrderedDict()
"""In UTF-8: of a line most is not Chinese, and would take twice as much as text."""
_lock = threading.Lock()


def drawn(rows: Iterable[Row], *, words: str, bulk: bool) -> str:
    """Lines as HTML. ``words``: what was searched for; ``bulk``: with a box to select each."""
    language = get_language()
    alike = (words, bulk, language, timezone.localdate())
    made = []
    for row in rows:
        line = _line(row, words, bulk, (*_key(row), *alike))
        # Nothing that anybody wrote holds this mark: it would be escaped.
        made.append(line.replace(LIGHT, _light(row.standing, language), 1))
    return mark_safe("".join(made))  # noqa: S308


def _line(row: Row, words: str, bulk: bool, key: Any) -> str:
    """A line without its light, as it was drawn before, or anew."""
    with _lock:
        kept = _kept.get(key)
        if kept is not None:
            _kept.move_to_end(key)
            return kept.decode()
    made: str = get_template("desk/_row.html").render({"row": row, "words": words, "bulk": bulk})
    with _lock:
        _kept[key] = made.encode()
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made


@lru_cache(maxsize=2000)
def _light(standing: Standing, language: str | None) -> str:
    """The light and the time left, in a language that is activated."""
    return get_template("desk/_light.html").render({"standing": standing})


def _key(row: Row) -> Any:
    """All that a line shows of its case: the case's own row, and the names beside it."""
    case = row.case
    item, unit = case.item_version, case.lead_unit
    return (
        _plain(case),
        repr(_nested(case)),
        item and item.name,
        unit and unit.name,
        naming.own_name(case.holder_code),
        row.standing.light,
        row.place,
        row.text,
        tuple(row.why),
        row.part,
        row.alike,
    )


_FIELDS = {
    field.attname: isinstance(field, JSONField | ArrayField) for field in Case._meta.concrete_fields
}
_plain = attrgetter(*(name for name, is_nested in _FIELDS.items() if not is_nested))
_nested = attrgetter(*(name for name, is_nested in _FIELDS.items() if is_nested))
