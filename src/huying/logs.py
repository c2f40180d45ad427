"""Logs that quote nobody: what a database or a parser says of a value stays out of them.

PostgreSQL tells in its DETAIL and CONTEXT lines which row it refused, with the phone in it, and a
parser quotes what it could not read. Which rule was broken and where is kept; the value is not.
"""

from __future__ import annotations

import logging
import re
import sys
import time
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Final

import psycopg
from django.db import Error as DjangoError
from pydantic import ValidationError

_DATA_EXCEPTION: Final = "22"
"""The class of SQLSTATEs whose very first line quotes the value."""

_LINK = re.compile(r"(/(?:[abcfs]|invitation)/)[\w:-]{16,}")
"""The token of an outside party's link, of an invitation, or a resident's code, which no reader of
logs may follow."""

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters, other ends of lines, and marks that turn the direction of writing."""

_QUOTING = re.compile(r"(?:\n[ \t|]*|\\n|\b)(?:DETAIL|CONTEXT|HINT|QUERY):[^\n]*")


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


class Discreet(logging.Formatter):
    """Formats a record as any other formatter does, and then takes the quotes out.

    Times are UTC. A line begins with a time only where a record does: lines that follow, of a
    traceback or of what somebody sent, begin with a bar, and what steers a terminal is spelled out.
    """

    converter = time.gmtime  # type: ignore[assignment]  # the stubs name one way of calling it
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        told = record.exc_info[1] if record.exc_info else None
        given = record.args.values() if isinstance(record.args, dict) else record.args or ()
        errors = [each for each in given if isinstance(each, BaseException)]
        return in_lines(hushed(super().format(record), told, *errors))


def excepthook(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Takes the place of `sys.excepthook`: a command that fails quotes nobody either."""
    lines = traceback.format_exception(kind, error, trace)
    sys.stderr.write(hushed("".join(lines), error))
