"""居民留言: a table of residents' messages becomes cases on the district's desk.

The table (CSV with the columns id, time, subject, text; others are not taken in) may be of any
size: it is streamed, and goes in chunk by chunk. Each message is taken under an idempotency key
made of its id, so the same file again makes nothing, and a file that was broken off goes on where
it stopped. A row that cannot be taken is named with its line and reason, and the rest goes in.

Who wrote is not carried over: the ``user`` of such tables is a pseudonym of another system, and a
case needs no name that nobody can call.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from huying.audit.sm3 import sm3
from huying.cases.models import Channel
from huying.cases.reporting import Key
from huying.cases.verbs import LONGEST_TEXT
from huying.errors import BadInput, HuyingError, KeyReused, Missing, Words
from huying.intake.reporting import Told, take_many
from huying.people.acting import SYSTEM

CALLER: Final = "import:messages"
CHUNK: Final = 200
"""Messages that go in by one statement."""

MOST_FAILURES: Final = 10_000
"""Failures that a result lists; all are counted."""

_LONGEST_ID: Final = 80
_NEEDED: Final = ("id", "time", "subject", "text")
_NAMES: Final = {
    "id": ("id", "留言编号", "编号"),
    "user": ("user", "留言用户", "用户"),
    "time": ("time", "留言时间", "时间"),
    "subject": ("subject", "留言主题", "主题"),
    "text": ("text", "留言详情", "内容"),
    "likes": ("likes", "点赞数"),
}
_TIME: Final = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?"
)


@dataclass(frozen=True, slots=True)
class Message:
    """One row of the table, read. ``user`` and ``likes`` are for gathering topics alone."""

    line: int
    id: str
    at: datetime
    text: str
    user: str = ""
    likes: int = 0

    @property
    def digest(self) -> bytes:
        """What the idempotency key must come with again."""
        return sm3("\x1f".join((self.id, self.at.isoformat(), self.text)).encode())


@dataclass(frozen=True, slots=True)
class Failure:
    """A row that was not taken. ``line`` is where it begins in the file, from 1."""

    line: int
    id: str
    reason: Words

    def as_json(self) -> dict[str, object]:
        return {"line": self.line, "id": self.id, "reason": str(self.reason)}


@dataclass(slots=True)
class Result:
    """What came of a table. ``failures`` lists the first `MOST_FAILURES`, ``failed`` counts all."""

    read: int = 0
    created: int = 0
    already: int = 0
    failed: int = 0
    suggested: int = 0
    emergencies: int = 0
    failures: list[Failure] = field(default_factory=list)

    def fails(self, failure: Failure) -> None:
        self.failed += 1
        if len(self.failures) < MOST_FAILURES:
            self.failures.append(failure)


def encoding_of(path: Path) -> str:
    """utf-8-sig or gb18030, whichever the bytes of the file speak for.

    A few broken bytes do not make a UTF-8 file another: its good rows go in, the others fail.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="surrogateescape")
    good = broken = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            for character in decoder.decode(block):
                if character >= "\udc80" and character <= "\udcff":
                    broken += 1
                elif character > "\x7f":
                    good += 1
    return "utf-8-sig" if broken * 10 <= good else "gb18030"


def lines_in(path: Path) -> int:
    """Lines of the file, for a progress bar."""
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def messages_in(
    path: Path, encoding: str, advance: Callable[[int], object] = lambda lines: None
) -> Iterator[Message | Failure]:
    """The rows of the table in their order, each read or with what is wrong with it.

    ``advance`` is told how many more lines were read.

    Raises:
        BadInput: the table has not the columns that are needed.
    """
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
        reader = csv.reader(file)
        columns = _columns(next(reader, []))
        width = len(columns)
        begins = reader.line_num + 1
        while True:
            try:
                row = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                yield Failure(
                    begins, "", format_lazy(_("This is not a row of a table: {what}."), what=error)
                )
            else:
                if any(row):
                    yield _read_row(row, begins, columns, width)
            advance(reader.line_num + 1 - begins)
            begins = reader.line_num + 1


def _columns(header: Sequence[str]) -> list[str]:
    columns = []
    for title in header:
        plain = title.strip().lstrip("\ufeff").lower()
        columns.append(next((name for name, known in _NAMES.items() if plain in known), plain))
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise BadInput(
            format_lazy(_("The table lacks columns: {names}."), names=", ".join(missing)),
            field="header",
        )
    return columns


def _read_row(row: list[str], line: int, columns: list[str], width: int) -> Message | Failure:
    named = dict(zip(columns, row, strict=False))
    key = named.get("id", "").strip()
    try:
        if len(row) != width:
            raise BadInput(
                format_lazy(
                    _("The row has {found} columns instead of {wanted}."),
                    found=len(row),
                    wanted=width,
                )
            )
        _must_be_text(row)
        if not key:
            raise Missing(_("The message has no id."))
        if len(key) > _LONGEST_ID:
            raise BadInput(_("The message's id is too long."))
        likes = named.get("likes", "").strip()
        return Message(
            line,
            key,
            moment(named["time"]),
            _words(named["subject"], named["text"]),
            user=named.get("user", "").strip(),
            likes=int(likes) if likes.isdecimal() and len(likes) <= 9 else 0,
        )
    except HuyingError as error:
        return Failure(line, _printable(key)[:_LONGEST_ID], error.detail)


def _must_be_text(row: Sequence[str]) -> None:
    if any("\udc80" <= character <= "\udcff" for value in row for character in value):
        raise BadInput(_("The row holds bytes that are no text in the file's encoding."))
    if any("\0" in value for value in row):
        raise BadInput(_("The row holds a NUL character."))


def _printable(key: str) -> str:
    return "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else "?" for c in key)


def _words(subject: str, text: str) -> str:
    subject, text = subject.strip(), text.strip()
    words = f"{subject}\n{text}" if subject and text else subject or text
    if not words:
        raise Missing(_("The message has no words."))
    if len(words) > LONGEST_TEXT:
        raise BadInput(
            format_lazy(_("The message has more than {most} characters."), most=LONGEST_TEXT)
        )
    return words


def moment(told: str) -> datetime:
    """The time of a message; Asia/Shanghai's where it names no zone.

    Raises:
        Missing: there is none.
        BadInput: it is not a time.
    """
    told = told.strip()
    if not told:
        raise Missing(_("The message has no time."))
    match = _TIME.fullmatch(told)
    if match is None:
        raise BadInput(_("The message's time cannot be read."))
    *numbers, zone = match.groups()
    try:
        if zone is not None:
            offset = "+00:00" if zone == "Z" else zone
            here = datetime.strptime(offset, "%z").tzinfo
        else:
            here = ZoneInfo(settings.TIME_ZONE)
        return datetime(*(int(number or 0) for number in numbers), tzinfo=here)  # type: ignore[misc, arg-type]
    except ValueError as error:
        raise BadInput(_("The message's time cannot be read.")) from error


def import_messages(
    path: Path,
    *,
    now: datetime,
    advance: Callable[[int], object] = lambda lines: None,
    chunk: int = CHUNK,
) -> Result:
    """Takes every message of the table that was not taken before. Streams; commits by chunk.

    The cases lie on the district's desk, unlocated, with the item that their words suggest, and
    start no alarms; ``occurred_at`` is the message's time, ``received_at`` is ``now``.

    Raises:
        BadInput: the table has not the columns that are needed.
        OSError: the file cannot be read.
    """
    result = Result()
    waiting: list[Message] = []
    for each in messages_in(path, encoding_of(path), advance):
        result.read += 1
        if isinstance(each, Failure):
            result.fails(each)
            continue
        waiting.append(each)
        if len(waiting) >= chunk:
            _take_chunk(waiting, now, result)
            waiting = []
    if waiting:
        _take_chunk(waiting, now, result)
    return result


def told(message: Message) -> tuple[Told, Key]:
    """A message as every door tells a report, with the key that lets it in once."""
    return (
        Told(channel=Channel.MESSAGE, text=message.text, occurred_at=message.at, alarms=False),
        Key(CALLER, message.id, message.digest),
    )


def _take_chunk(messages: Sequence[Message], now: datetime, result: Result) -> None:
    answers = take_many([told(message) for message in messages], by=SYSTEM, now=now)
    seen: set[str] = set()
    for message, answer in zip(messages, answers, strict=True):
        if isinstance(answer, KeyReused):
            reason = _("Another message came with this id before.")
            result.fails(Failure(message.line, message.id, reason))
        elif isinstance(answer, HuyingError):
            result.fails(Failure(message.line, message.id, answer.detail))
        elif answer.replayed or message.id in seen:
            result.already += 1
        else:
            seen.add(message.id)
            result.created += 1
            result.suggested += bool(answer.suggested_item)
            result.emergencies += bool(answer.emergency_words)
