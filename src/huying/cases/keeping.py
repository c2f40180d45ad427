"""How a step gets into the tables: its row, event, words and jobs, written by one statement.

`verbs` decides what they say; here nothing is decided any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final

import orjson
from django.db.models import JSONField
from procrastinate.jobs import Job

from huying.cases.models import Case, CaseEvent, CaseText
from huying.postgres.prepared import rows_of, statement
from huying.telemetry.carrying import carried

COLUMNS: Final = tuple(each.attname for each in Case._meta.concrete_fields)
"""The columns of a case's row."""

_HELD_BY_REFERENCE: Final = tuple(
    each.attname for each in Case._meta.concrete_fields if isinstance(each, JSONField)
)
"""What a step may change without giving the column another object."""

_CHANGEABLE: Final = ", ".join(f'"{name}"' for name in COLUMNS if name != Case._meta.pk.attname)
_STEP: Final = statement("step").replace("{columns}", _CHANGEABLE)
_OF_AN_EVENT: Final = (
    *("seq", "written_at", "at", "district_code", "verb", "actor_kind", "actor_id", "post_id"),
    *("role", "from_state", "to_state", "data", "prev", "hash"),
)
_OF_A_TEXT: Final = ("id", "district_code", "kind", "seq", "body", "hidden_enc", "salt", "digest")


def columns(case: Case) -> dict[str, Any]:
    """What the row holds, by the columns' names, whatever becomes of the case afterwards."""
    values = case.__dict__
    held = {name: values[name] for name in COLUMNS}
    for name in _HELD_BY_REFERENCE:
        if held[name]:
            held[name] = deepcopy(held[name])
    return held


def write(
    case: Case,
    before: Mapping[str, Any],
    event: CaseEvent,
    texts: Iterable[CaseText],
    jobs: Sequence[Job],
) -> None:
    """Writes a step. Inside the transaction that holds the case's row.

    Args:
        before: the row's columns before the step, as `columns` gives them.

    Raises:
        DatabaseError: the database refuses it.
    """
    values = case.__dict__
    told = {
        "row": {name: values[name] for name, old in before.items() if values[name] != old},
        "event": _picked(event, _OF_AN_EVENT),
        "texts": [_picked(each, _OF_A_TEXT) for each in texts],
        "jobs": [_told(each) for each in jobs],
    }
    step = orjson.dumps(told, default=_written, option=orjson.OPT_NON_STR_KEYS).decode()
    if not rows_of(_STEP, {"case": case.pk, "step": step}):
        raise AssertionError("the row that was locked is gone")


def _picked(row: CaseEvent | CaseText, names: Iterable[str]) -> dict[str, Any]:
    values = row.__dict__
    return {name: values[name] for name in names}


def _told(job: Job) -> dict[str, Any]:
    return {
        "queue": job.queue,
        "task": job.task_name,
        "priority": job.priority,
        "lock": job.lock,
        "queueing_lock": job.queueing_lock,
        "args": job.task_kwargs | carried(),
        "scheduled_at": job.scheduled_at,
    }


def _written(value: Any) -> str:
    """What JSON has no form for, as the database reads it: bytes; and words not looked up yet."""
    if isinstance(value, bytes | bytearray | memoryview):
        return "\\x" + bytes(value).hex()
    return str(value)
