"""Generated chains, and every way of tampering with them that the tests try."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from huying.audit.chain import (
    Break,
    EventFields,
    StoredEvent,
    StoredText,
    contact_digest,
    event_hash,
    genesis,
    text_digest,
    verify_case,
)

START = datetime(2019, 7, 11, 2, tzinfo=UTC)
WALK = ("reported", "accepted", "dispatched", "handling", "handled", "checked", "closed")


@dataclass
class Chain:
    """One case as the database would hold it."""

    case_id: uuid.UUID
    events: list[StoredEvent] = field(default_factory=list)
    rows: dict[str, tuple[str, bytes, str]] = field(default_factory=dict)
    contacts: dict[str, tuple[bytes, bytes, bytes, bytes | None]] = field(default_factory=dict)
    head_seq: int = 0
    head_hash: bytes = b""

    def texts(self) -> list[StoredText]:
        found = []
        for row, (kind, salt, body) in self.rows.items():
            digest = text_digest(salt, kind, body)
            found.append(StoredText(row, digest, digest))
        for row, (salt, *parts) in self.contacts.items():
            digest = contact_digest(salt, *parts)
            found.append(StoredText(row, digest, digest))
        return found

    def verify(self) -> list[Break]:
        return verify_case(self.case_id, self.events, self.head_seq, self.head_hash, self.texts())

    def append(self, verb: str, to_state: str, data: dict[str, Any] | None = None) -> None:
        seq = len(self.events) + 1
        prev = self.events[-1].hash if self.events else genesis(self.case_id)
        before = self.events[-1].fields.to_state if self.events else None
        at = START + timedelta(minutes=7 * seq)
        fields = EventFields(
            self.case_id, seq, verb, at, at + timedelta(microseconds=seq), "account", 17 + seq, 3,
            "dispatcher", before, to_state, data or {}, "440113",
        )  # fmt: skip
        self.events.append(StoredEvent(fields, prev, event_hash(fields, prev)))
        self.head_seq, self.head_hash = seq, self.events[-1].hash

    def append_with_text(self, verb: str, to_state: str, body: str, rng: random.Random) -> str:
        row = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        salt = rng.randbytes(16)
        self.rows[row] = ("reason", salt, body)
        digest = text_digest(salt, "reason", body).hex()
        reference = {"id": row, "kind": "reason", "digest": digest}
        self.append(verb, to_state, {"texts": [reference], "unit": seq_of(self), "n": 3})
        return row

    def append_with_contact(self, rng: random.Random) -> str:
        row = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        salt, *parts = self.contacts[row] = (rng.randbytes(16), b"name", b"phone", None)
        reference = {"id": row, "digest": contact_digest(salt, *parts).hex()}
        self.append("comment", self.events[-1].fields.to_state or "", {"contacts": [reference]})
        return row

    def erase(self, row: str) -> None:
        self.rows.pop(row, None)
        self.contacts.pop(row, None)
        self.append("erased", self.events[-1].fields.to_state or "", {"erased": [row]})


def seq_of(chain: Chain) -> str:
    return f"u{len(chain.events)}"


def chain(rng: random.Random, length: int = 7) -> Chain:
    """A case of so many events, each but the first with a text."""
    made = Chain(uuid.UUID(int=rng.getrandbits(128), version=4))
    made.append("report", "reported", {"channel": "patrol"})
    for n in range(1, length):
        state = WALK[min(n, len(WALK) - 1)]
        made.append_with_text("comment", state, f"第{n}句话", rng)
    return made


def other_value(value: Any, rng: random.Random) -> Any:
    """A value of the same kind that differs."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + rng.choice((-1, 1, 1000))
    if isinstance(value, datetime):
        return value + timedelta(microseconds=rng.choice((-1, 1, 10**6)))
    if isinstance(value, uuid.UUID):
        return uuid.UUID(int=rng.getrandbits(128), version=4)
    if isinstance(value, bytes):
        place = rng.randrange(len(value))
        bit = 1 << rng.randrange(8)
        return value[:place] + bytes([value[place] ^ bit]) + value[place + 1 :]
    if isinstance(value, dict):
        return {**value, "x": rng.randrange(100)}
    return "other" if value is None else value + "x"


def edit_event(one: Chain, rng: random.Random) -> None:
    """Change one field of one event, or one of its hashes."""
    place = rng.randrange(len(one.events))
    event = one.events[place]
    name = rng.choice((*EventFields._fields, "prev", "hash"))
    if name in ("prev", "hash"):
        changed = event._replace(**{name: other_value(getattr(event, name), rng)})
    else:
        value = other_value(getattr(event.fields, name), rng)
        changed = event._replace(fields=event.fields._replace(**{name: value}))
    one.events[place] = changed


def delete_event(one: Chain, rng: random.Random) -> None:
    del one.events[rng.randrange(len(one.events))]


def cut_tail(one: Chain, rng: random.Random) -> None:
    del one.events[rng.randrange(len(one.events)) :]


def reorder(one: Chain, rng: random.Random) -> None:
    a, b = rng.sample(range(len(one.events)), 2)
    one.events[a], one.events[b] = one.events[b], one.events[a]


def renumber_swapped(one: Chain, rng: random.Random) -> None:
    """Swap two events and give each the other's number."""
    a, b = rng.sample(range(len(one.events)), 2)
    first, second = one.events[a], one.events[b]
    one.events[a] = second._replace(fields=second.fields._replace(seq=first.fields.seq))
    one.events[b] = first._replace(fields=first.fields._replace(seq=second.fields.seq))


def repeat_event(one: Chain, rng: random.Random) -> None:
    place = rng.randrange(len(one.events))
    one.events.insert(place, one.events[place])


def close_the_gap(one: Chain, rng: random.Random) -> None:
    """Delete an event and renumber those after it."""
    place = rng.randrange(len(one.events) - 1)
    del one.events[place]
    for n in range(place, len(one.events)):
        event = one.events[n]
        one.events[n] = event._replace(fields=event.fields._replace(seq=n + 1))


def rehash_from(one: Chain, rng: random.Random) -> None:
    """Change an event and work out every hash after it, but not the case row's head."""
    edit_event(one, rng)
    forge(one)


def forge(one: Chain) -> None:
    prev = genesis(one.case_id)
    for n, event in enumerate(one.events):
        fields = event.fields._replace(case_id=one.case_id, seq=n + 1)
        one.events[n] = StoredEvent(fields, prev, event_hash(fields, prev))
        prev = one.events[n].hash


def move_head(one: Chain, rng: random.Random) -> None:
    if rng.random() < 0.5:
        one.head_seq += rng.choice((-1, 1))
    else:
        one.head_hash = other_value(one.head_hash, rng)


def edit_text(one: Chain, rng: random.Random) -> None:
    row = rng.choice(list(one.rows))
    kind, salt, body = one.rows[row]
    one.rows[row] = rng.choice(
        ((kind, salt, body + "。"), (kind + "x", salt, body), (kind, other_value(salt, rng), body))
    )


def delete_text(one: Chain, rng: random.Random) -> None:
    del one.rows[rng.choice(list(one.rows))]


def swap_texts(one: Chain, rng: random.Random) -> None:
    a, b = rng.sample(list(one.rows), 2)
    one.rows[a], one.rows[b] = one.rows[b], one.rows[a]


def add_text(one: Chain, rng: random.Random) -> None:
    one.rows[str(uuid.UUID(int=rng.getrandbits(128), version=4))] = ("reason", b"s" * 16, "x")


MUTATIONS = (
    edit_event,
    delete_event,
    cut_tail,
    reorder,
    renumber_swapped,
    repeat_event,
    close_the_gap,
    move_head,
    edit_text,
    delete_text,
    swap_texts,
    add_text,
)
