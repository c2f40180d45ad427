"""Logs that quote nobody: what a database or a parser says of a value stays out of them.

PostgreSQL tells in its DETAIL and CONTEXT lines which row it refused, with the phone in it, and a
parser quotes what it could not read. Which rule was broken and where is kept; the value is not.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

import psycopg
from django.db import Error as DjangoError
from pydantic import ValidationError

from huying.telemetry import present

_DATA_EXCEPTION: Final = "22"
"""The class of SQLSTATEs whose very first line quotes the value."""

_LINK = re.compile(r"(/(?:[abcfs]|invitation)/)[\w:-]{16,}")
"""The token of an outside party's link, of an invitation, or a resident's code, which no reader of
logs may follow."""

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters, other ends of lines, and marks that turn the direction of writing."""

_QUOTING = re.compile(r"(?:\n[ \t|]*|\\n|\b)(?:DETAIL|CONTEXT|HINT|QUERY):[^\n]*")

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": " "}


def discreet(error: BaseException) -> str:
    """What went wrong in the words of ``error``, without the values that it quotes."""
    if isinstance(error, ValidationError):
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in faults)
    source = error.__cause__ if isinstance(error, DjangoError) else error
    if not isinstance(source, psycopg.Error):
        return str(error)
    told, state = source.diag, source.sqlstate or ""
    first = str(error).partition("\n")[0]
    words = "a value that cannot be kept" if state.startswith(_DATA_EXCEPTION) else first
    where = (told.table_name, told.column_name, told.constraint_name)
    named = ", ".join(name for name in where if name)
    return " ".join(part for part in (state, words, f"({named})" if named else "") if part)


def in_lines(text: str) -> str:
    """``text`` with a bar before each line but the first, and without control characters."""
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), text).replace(
        "\n", "\n| "
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__]


def hushed(text: str, *errors: BaseException | None) -> str:
    """``text`` without what these errors, and those that led to them, quote."""
    for first in errors:
        for error in _chain(first):
            if said := str(error):
                text = text.replace(said, discreet(error))
    # A message that was put together elsewhere, of an error that is not at hand.
    return _LINK.sub(r"\1…", _QUOTING.sub("", text))


def one_line(text: str) -> str:
    """``text`` without what begins a line, moves a cursor or turns the writing round.

    Who can get words into a log may not write what looks like a record of its own.
    """
    return _UNSEEN.sub(lambda found: _ESCAPES.get(found[0], f"\\u{ord(found[0]):04x}"), text)


class Discreet(logging.Formatter):
    """Formats a record as any other formatter does, and then takes the quotes out.

    Times are UTC. A line begins with a time only where a record does: lines that follow, of a
    traceback or of what somebody sent, begin with a bar, and what steers a terminal is spelled out.
    """

    converter = time.gmtime  # type: ignore[assignment]  # the stubs name one way of calling it
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        return in_lines(_routed(record, hushed(super().format(record), *_errors(record))))


class Json(Discreet):
    """One JSON object a record, in one line, with the request or job that it belongs to."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.words(record),
        }
        if (work := present.work()) is not None:
            if work.id:
                told["request"] = work.id
            if work.job:
                told["job"] = work.job
            if work.request is not None:
                told["method"] = one_line(str(work.request.method))[:8]
                told["route"] = present.route_of(work.request)
        told |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[0]:
            told["error"] = record.exc_info[0].__name__
        if trace := self.trace(record):
            told["trace"] = trace
        return json.dumps(told, ensure_ascii=False, default=str)

    def words(self, record: logging.LogRecord) -> str:
        """What the record says, in one line; a path in it is told as its pattern."""
        return one_line(_routed(record, hushed(record.getMessage(), *_errors(record))))

    def trace(self, record: logging.LogRecord) -> list[str]:
        """The lines of the traceback, and of the stack."""
        parts = []
        if record.exc_info:
            parts.append(self.formatException(record.exc_info))
        if record.stack_info:
            parts.append(self.formatStack(record.stack_info))
        text = hushed("\n".join(parts), *_errors(record))
        return [one_line(line) for line in text.split("\n")] if text else []


def _errors(record: logging.LogRecord) -> list[BaseException | None]:
    told = record.exc_info[1] if record.exc_info else None
    given = record.args.values() if isinstance(record.args, dict) else record.args or ()
    return [told, *(each for each in given if isinstance(each, BaseException))]


def _routed(record: logging.LogRecord, text: str) -> str:
    """``text`` with the pattern in the place of the path of its request."""
    work = present.work()
    request = getattr(record, "request", None) or (work.request if work else None)
    if (path := getattr(request, "path", "")) and path != "/" and path in text:
        return text.replace(path, present.route_of(request))
    return text


def excepthook(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Takes the place of `sys.excepthook`: a command that fails quotes nobody either."""
    lines = traceback.format_exception(kind, error, trace)
    sys.stderr.write(hushed("".join(lines), error))
