"""The hash chain of a case: what of an event is hashed, and how a chain is proved whole.

Pure: nothing here reads a clock, a file or a database. The form is written down in
docs/audit.md so that anybody can check a chain without this program.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from huying.audit.sm3 import sm3

SALT_SIZE = 16
"""Bytes of salt in a row of text or contact."""

ENDS = frozenset({"declined", "merged", "withdrawn"})
"""States that no later event may leave."""

UNDO = "undo"
"""The verb of the event that takes a step back, also one that led to an end; it names the step."""

ERASED = "erased"
"""The verb of the event that records the erasing of rows."""

_encode = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
).encode


class EventFields(NamedTuple):
    """What the chain holds of one event; the database keeps exactly these in ``case_event``.

    Times are aware. ``data`` is plain JSON without fractions: ids, codes, times, digests.
    An absent value is ``None`` here when it is NULL in the database, never an empty string.
    """

    case_id: UUID
    seq: int
    verb: str
    at: datetime
    written_at: datetime
    actor_kind: str
    actor_id: str | int | None
    post_id: str | int | None
    role: str | None
    from_state: str | None
    to_state: str | None
    data: Mapping[str, Any]
    district_code: str


class StoredEvent(NamedTuple):
    """An event as it was found: its fields, and the two hashes beside them."""

    fields: EventFields
    prev: bytes
    hash: bytes


class StoredText(NamedTuple):
    """A row that events name by digest: of text, or of a contact.

    ``digest`` is what the row itself says; ``actual`` is worked out from its content.
    """

    id: str
    digest: bytes
    actual: bytes


class BreakKind(StrEnum):
    """What can be wrong with a chain."""

    HASH = "hash"
    """The event's content is not what was hashed."""
    LINK = "link"
    """The event does not follow from the one before it."""
    GAP = "gap"
    """One or more events between two others are missing."""
    ORDER = "order"
    """An event stands twice, or out of its order."""
    FIRST = "first"
    """The chain does not begin with the case's first event."""
    OTHER_CASE = "other_case"
    """The event belongs to another case."""
    HEAD = "head"
    """The last event is not the one that the case row names."""
    CUT = "cut"
    """The case row, or a head held elsewhere, names an event beyond the last."""
    EMPTY = "empty"
    """The case has no event at all."""
    CASE_MISSING = "case_missing"
    """There are events, or a head held elsewhere, but no case row."""
    STATE = "state"
    """The event starts from a state that the case was not in."""
    AFTER_END = "after_end"
    """The event leaves a state that nothing leaves."""
    TEXT = "text"
    """A row of text or contact is not what its event recorded."""
    TEXT_MISSING = "text_missing"
    """A row is gone without an event that says it was erased."""
    TEXT_UNKNOWN = "text_unknown"
    """A row that no event of its case names."""
    TEXT_KEPT = "text_kept"
    """A row is still there although an event says it was erased."""
    HELD_HEAD = "held_head"
    """A head held elsewhere is not a part of the present chain."""
    HELD_EVENT = "held_event"
    """The log has not what a month's file has, or the other way round."""
    SEAL = "seal"
    """A seal is missing, changed, or not signed by a known key."""


@dataclass(frozen=True, slots=True)
class Break:
    """One thing found wrong: where, and what."""

    kind: BreakKind
    case_id: UUID | None = None
    seq: int | None = None
    detail: str = ""
    case: str = ""
    """The case's number, where it is known."""

    def as_json(self) -> dict[str, Any]:
        """The form in which the command line prints it."""
        return {
            "kind": self.kind.value,
            "case": self.case or None,
            "case_id": str(self.case_id) if self.case_id else None,
            "seq": self.seq,
            "detail": self.detail,
        }


def plain(value: Any) -> Any:
    """``value`` as the JSON an event may hold: ids and times become their text, bytes hex.

    What is hashed must be what is stored, so a writer turns data into this form first.

    Raises:
        TypeError: for a fraction, or anything else that has no single written form.
    """
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    raise TypeError(f"an event cannot hold a {type(value).__name__}")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError("the names in an event's data are strings")
    return str(key)


def _check_plain(value: Any) -> None:
    """Refuse what two programs might write differently: fractions, and foreign types."""
    kind = type(value)
    if kind is str or value is None or kind is int or kind is bool:
        return
    if kind is dict:
        for key, item in value.items():
            if type(key) is not str:
                raise TypeError("the names in an event's data are strings")
            _check_plain(item)
    elif kind is list:
        for item in value:
            _check_plain(item)
    else:
        raise TypeError(f"an event's data holds a {kind.__name__}; pass it through plain()")


def timestamp(moment: datetime) -> str:
    """``moment`` in UTC with six decimals and Z, as in 2019-07-11T02:00:00.000000Z.

    Raises:
        ValueError: the moment has no time zone.
    """
    if moment.tzinfo is not UTC:
        if moment.tzinfo is None:
            raise ValueError("an event's times carry their zone")
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")[:26] + "Z"


def canonical(fields: EventFields, prev: bytes) -> bytes:
    """The bytes that are hashed: JSON with sorted names, no spaces, UTF-8.

    Raises:
        TypeError: ``data`` is not plain (see `plain`).
        ValueError: a time has no zone.
        UnicodeEncodeError: a string is no valid Unicode.
    """
    data = fields.data
    _check_plain(data)
    return _encode(
        {
            "actor_id": fields.actor_id,
            "actor_kind": fields.actor_kind,
            "at": timestamp(fields.at),
            "case_id": str(fields.case_id),
            "data": data,
            "district_code": fields.district_code,
            "from_state": fields.from_state,
            "post_id": fields.post_id,
            "prev": prev.hex(),
            "role": fields.role,
            "seq": fields.seq,
            "to_state": fields.to_state,
            "verb": fields.verb,
            "written_at": timestamp(fields.written_at),
        }
    ).encode()


def event_hash(fields: EventFields, prev: bytes) -> bytes:
    """SM3 of the event's canonical bytes, 32 bytes. Raises as `canonical` does."""
    return sm3(canonical(fields, prev))


def genesis(case_id: UUID) -> bytes:
    """What stands for the hash before a case's first event: SM3 of ``huying:`` + 16 bytes."""
    return sm3(b"huying:" + case_id.bytes)


def text_digest(salt: bytes, kind: str, body: str) -> bytes:
    """The salted digest of a row of text: SM3(salt, kind, 0x00, body in UTF-8).

    Once the row and its salt are gone, the digest in the event says nothing about the text.

    Raises:
        ValueError: the salt is not 16 bytes, or the kind holds a NUL.
    """
    if "\0" in kind:
        raise ValueError("a kind of text holds no NUL")
    return _salted(salt, kind.encode() + b"\0" + body.encode())


def contact_digest(salt: bytes, *parts: bytes | None) -> bytes:
    """The salted digest of a contact's stored parts (name, phone, phone index), in this order.

    It covers the encrypted form: a digest of the plain number beside its salt could be
    reversed by trying every phone number. Each part is preceded by its length in four bytes;
    an absent part has the length 0xFFFFFFFF.

    Raises:
        ValueError: the salt is not 16 bytes.
    """
    return _salted(salt, b"contact\0" + _framed(parts))


def _framed(parts: Iterable[bytes | None]) -> bytes:
    return b"".join(
        b"\xff\xff\xff\xff" if part is None else len(part).to_bytes(4, "big") + part
        for part in parts
    )


def answers_digest(salt: bytes, *parts: bytes | None) -> bytes:
    """The salted digest of the stored answers to an item's questions, framed as a contact's.

    The parts are the form's number in ASCII, the open answers, the masked ones, and the encrypted
    ones or None.

    Raises:
        ValueError: the salt is not 16 bytes.
    """
    return _salted(salt, b"answers\0" + _framed(parts))


def _salted(salt: bytes, content: bytes) -> bytes:
    if len(salt) != SALT_SIZE:
        raise ValueError(f"a salt has {SALT_SIZE} bytes")
    return sm3(salt + content)


NAMING: Final = ("texts", "contacts", "answers")
"""Under what an event names rows that stand beside it and can be erased."""


def named_rows(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The (id, digest in hex) of each row of words, contacts and answers that an event names.

    Raises:
        TypeError, KeyError, AttributeError: the references have not the form of docs/audit.md.
    """
    for name in NAMING:
        for reference in data.get(name, ()):
            yield reference["id"], reference["digest"]


class CaseChain:
    """Proves one case, event by event, in constant memory but for the names of its texts.

    Feed it the events in the order in which they are kept, then ask `finish`.
    """

    def __init__(self, case_id: UUID, ends: Collection[str] = ENDS) -> None:
        self.case_id = case_id
        self.breaks: list[Break] = []
        self.seq = 0
        self.events = 0
        self.hash = genesis(case_id)
        self.erased: dict[str, int] = {}
        self._ends = ends
        self._state: str | None = None
        self._moved_at: int | None = None
        self._named: dict[str, tuple[str, int]] = {}

    def _broken(self, kind: BreakKind, seq: int | None, detail: str = "") -> None:
        self.breaks.append(Break(kind, self.case_id, seq, detail))

    def add(self, event: StoredEvent) -> None:
        """Take the next event."""
        fields = event.fields
        seq = fields.seq
        self.events += 1
        if fields.case_id != self.case_id:
            self._broken(BreakKind.OTHER_CASE, seq, f"it belongs to {fields.case_id}")
        if seq != self.seq + 1:
            self._out_of_step(seq)
        if event.prev != self.hash:
            kind = BreakKind.FIRST if self.events == 1 else BreakKind.LINK
            self._broken(kind, seq, "its previous hash is not that of the event before")
        try:
            actual = event_hash(fields, event.prev)
        except (TypeError, ValueError, RecursionError) as error:
            self._broken(BreakKind.HASH, seq, str(error))
        else:
            if actual != event.hash:
                self._broken(BreakKind.HASH, seq, "its content is not what was hashed")
        self._follow_state(fields)
        try:
            self._follow_rows(fields)
        except (TypeError, KeyError, AttributeError):
            self._broken(BreakKind.TEXT, seq, "its references to texts cannot be read")
        self.seq = seq
        self.hash = event.hash

    def _out_of_step(self, seq: int) -> None:
        if self.events == 1:
            self._broken(BreakKind.FIRST, seq, "the first event has not number 1")
        elif seq <= self.seq:
            self._broken(BreakKind.ORDER, seq, f"it stands after event {self.seq}")
        else:
            self._broken(BreakKind.GAP, seq, f"events {self.seq + 1} to {seq - 1} are missing")

    def _follow_state(self, fields: EventFields) -> None:
        before, after = fields.from_state or None, fields.to_state or None
        if self.events > 1 and before is not None and before != self._state:
            self._broken(BreakKind.STATE, fields.seq, f"it starts from {before}, not {self._state}")
        undoes = fields.verb == UNDO and fields.data.get("undoes") == self._moved_at
        if self._state in self._ends and after not in (None, self._state) and not undoes:
            self._broken(BreakKind.AFTER_END, fields.seq, f"{self._state} is an end")
        if after is not None:
            if after != self._state:
                self._moved_at = fields.seq
            self._state = after

    def _follow_rows(self, fields: EventFields) -> None:
        data = fields.data
        if fields.verb == ERASED:
            for row in data[ERASED]:
                self.erased[row] = fields.seq
        if any(name in data for name in NAMING):
            for row, digest in named_rows(data):
                self._named[row] = (digest, fields.seq)

    def finish(self, head_seq: int, head_hash: bytes, texts: Iterable[StoredText]) -> list[Break]:
        """Compare with the case row's head and its rows of text; all breaks, in order."""
        if self.events == 0:
            self._broken(BreakKind.EMPTY, None, f"the case row names event {head_seq}")
        elif head_seq > self.seq:
            self._broken(BreakKind.CUT, self.seq, f"events up to {head_seq} are missing")
        elif head_seq != self.seq or head_hash != self.hash:
            self._broken(BreakKind.HEAD, self.seq, f"the case row names event {head_seq}")
        self._compare_rows(texts)
        return self.breaks

    def _compare_rows(self, texts: Iterable[StoredText]) -> None:
        named = self._named
        seen: set[str] = set()
        for text in texts:
            seen.add(text.id)
            if text.id in self.erased:
                self._broken(BreakKind.TEXT_KEPT, self.erased[text.id], text.id)
                continue
            if text.id not in named:
                self._broken(BreakKind.TEXT_UNKNOWN, None, text.id)
                continue
            digest, seq = named[text.id]
            if text.actual.hex() != digest or text.digest != text.actual:
                self._broken(BreakKind.TEXT, seq, text.id)
        if len(seen) < len(named):
            for row, (_, seq) in named.items():
                if row not in seen and row not in self.erased:
                    self._broken(BreakKind.TEXT_MISSING, seq, row)


def verify_case(
    case_id: UUID,
    events: Iterable[StoredEvent],
    head_seq: int,
    head_hash: bytes,
    texts: Iterable[StoredText] = (),
    *,
    ends: Collection[str] = ENDS,
) -> list[Break]:
    """Prove one case whole: its events as kept, the head its row names, its rows of text.

    An empty list means that nothing is wrong.
    """
    chain = CaseChain(case_id, ends)
    for event in events:
        chain.add(event)
    return chain.finish(head_seq, head_hash, texts)
