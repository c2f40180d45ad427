"""Proving the whole log: every case's chain, every text, every seal, and heads held elsewhere.

The events, texts, contacts, answers and case rows come as five streams sorted by case, and are
merged here, so memory does not grow with the number of cases.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from huying.audit import crypto, months, sealing
from huying.audit.chain import (
    Break,
    BreakKind,
    CaseChain,
    StoredEvent,
    StoredText,
    answers_digest,
    contact_digest,
    text_digest,
)
from huying.audit.crypto import CryptoProvider
from huying.audit.heads import Head, HeadFile
from huying.audit.merkle import RootBuilder, head_leaf
from huying.audit.models import Seal
from huying.audit.proofs import is_proven
from huying.audit.reading import events_of, rows, snapshot
from huying.audit.sm3 import sm3

MOST_BREAKS = 100
"""Breaks that a result lists; all are counted."""

Row = TypeVar("Row")

_AFTER_ALL = UUID(int=(1 << 128) - 1)


class CaseNotFoundError(LookupError):
    """There is no case with this number."""


@dataclass(slots=True)
class Verification:
    """What was found. ``breaks`` holds the first `MOST_BREAKS`; ``broken`` counts them all."""

    cases: int = 0
    events: int = 0
    erased: int = 0
    seals: int = 0
    held: int = 0
    """Heads held in a file that were compared."""
    held_file: str | None = None
    held_sealed: bool | None = None
    """Whether that file ends with a seal of this installation."""
    month: str | None = None
    """The month whose file was compared."""
    broken: int = 0
    breaks: list[Break] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether nothing is broken."""
        return self.broken == 0

    def found(self, one: Break) -> None:
        """Count a break, and list it while there is room."""
        self.broken += 1
        if len(self.breaks) < MOST_BREAKS:
            self.breaks.append(one)

    def as_json(self) -> dict[str, Any]:
        """The form in which the command line prints it."""
        breaks = [one.as_json() for one in self.breaks]
        return {
            "ok": self.ok,
            "cases": self.cases,
            "events": self.events,
            "erased": self.erased,
            "seals": self.seals,
            "held": self.held,
            "held_file": self.held_file,
            "held_sealed": self.held_sealed,
            "month": self.month,
            "first_broken": breaks[0] if breaks else None,
            "broken": self.broken,
            "breaks": breaks,
            "seconds": round(self.seconds, 3),
        }


class _CaseRow(NamedTuple):
    case_id: UUID
    number: str
    seq: int
    hash: bytes


class _ByCase(Generic[Row]):
    """A stream sorted by case, which shows whose turn is next."""

    def __init__(self, stream: Iterator[tuple[UUID, Row]]) -> None:
        self._stream = stream
        self.next_case = _AFTER_ALL
        self._row: Row | None = None
        self._step()

    def _step(self) -> None:
        self.next_case, self._row = next(self._stream, (_AFTER_ALL, None))

    def take(self, case_id: UUID) -> Iterator[Row]:
        """The rows of this case, which must be the next one or absent."""
        while self.next_case == case_id:
            row = self._row
            self._step()
            assert row is not None
            yield row


def _case_rows(using: str, case_id: UUID | None) -> Iterator[tuple[UUID, _CaseRow]]:
    for row in rows(using, "verify_cases", case_id=case_id):
        yield row[0], _CaseRow(row[0], row[1], row[2], bytes(row[3]))


def _events(using: str, case_id: UUID | None) -> Iterator[tuple[UUID, StoredEvent]]:
    for event in events_of(using, "verify_events", case_id=case_id):
        yield event.fields.case_id, event


def _texts(using: str, case_id: UUID | None) -> Iterator[tuple[UUID, StoredText]]:
    for case, row_id, kind, body, salt, digest in rows(using, "verify_texts", case_id=case_id):
        try:
            actual = text_digest(bytes(salt), kind, body)
        except ValueError:
            actual = b""
        yield case, StoredText(str(row_id), bytes(digest), actual)


def _contacts(
    using: str, case_id: UUID | None, provider: CryptoProvider
) -> Iterator[tuple[UUID, StoredText]]:
    found = rows(using, "verify_contacts", case_id=case_id)
    for case, row_id, *parts, salt, digest, proof in found:
        stored = [None if part is None else bytes(part) for part in parts]
        try:
            actual = contact_digest(bytes(salt), *stored)
        except ValueError:
            actual = b""
        yield case, _as_sealed("case_contact", row_id, bytes(digest), actual, proof, provider)


def _answers(
    using: str, case_id: UUID | None, provider: CryptoProvider
) -> Iterator[tuple[UUID, StoredText]]:
    for case, row_id, form, body, masked, sealed, salt, digest, proof in rows(
        using, "verify_answers", case_id=case_id
    ):
        parts = (str(form).encode(), body.encode(), masked.encode())
        try:
            hidden = None if sealed is None else bytes(sealed)
            actual = answers_digest(bytes(salt), *parts, hidden)
        except ValueError:
            actual = b""
        yield case, _as_sealed("case_answers", row_id, bytes(digest), actual, proof, provider)


def _as_sealed(
    table: str,
    row_id: UUID,
    digest: bytes,
    actual: bytes,
    proof: memoryview | None,
    provider: CryptoProvider,
) -> StoredText:
    """A row as the log knows it: what was sealed anew under a new key counts as what it was."""
    if actual != digest and proof is not None:
        same = is_proven(table, row_id, digest, actual, bytes(proof), provider)
        actual = digest if same else actual
    return StoredText(str(row_id), digest, actual)


class _HeldHeads:
    """The heads of a file, checked against the seal at its end while they pass."""

    def __init__(self, path: Path, only: UUID | None) -> None:
        self.file = HeadFile(path)
        self._only = only
        self._builder = RootBuilder()

    def __iter__(self) -> Iterator[tuple[UUID, Head]]:
        for head in self.file:
            self._builder.add(head_leaf(*head))
            if self._only is None or head.case_id == self._only:
                yield head.case_id, head

    def check(self, provider: CryptoProvider, result: Verification) -> None:
        """Compare with the seal; call it when all heads have passed."""
        result.held_file = str(self.file.path)
        if self.file.seal is None:
            result.held_sealed = False
            return
        result.held_sealed = _signed(self.file.seal, provider)
        if not result.held_sealed:
            result.found(Break(BreakKind.SEAL, detail="the file of heads has a false signature"))
        elif (self.file.seal["root"], self.file.seal["cases"]) != (
            self._builder.root().hex(),
            self._builder.count,
        ):
            result.found(Break(BreakKind.SEAL, detail="the file of heads is not what was sealed"))


def _signed(seal: dict[str, Any], provider: CryptoProvider) -> bool:
    try:
        content, signature = sealing.signed_statement(seal)
        return provider.verify(content, signature) and sm3(content).hex() == seal["hash"]
    except (KeyError, TypeError, ValueError):
        return False


def verify(
    *,
    using: str = "default",
    head_file: Path | None = None,
    month_file: Path | None = None,
    number: str | None = None,
    folder: Path | None = None,
    provider: CryptoProvider | None = None,
    advance: Callable[[int], None] = lambda events: None,
) -> Verification:
    """Prove the whole log, or one case by its ``number``.

    The log is compared with ``month_file``, a month that was copied (`months`), if there is one.

    ``head_file`` is compared with the present chains; without one, the newest file of heads in
    the data folder is. ``advance`` is told how many more events were read.

    Raises:
        CaseNotFoundError: ``number`` names no case.
        FileNotFoundError, HeadFileError: ``head_file`` cannot be read.
        MonthError: ``month_file`` is not what was signed.
    """
    started = time.monotonic()
    provider = provider or crypto.provider()
    folder = folder or sealing.seals_folder()
    result = Verification()
    path = head_file or sealing.latest_heads(folder)
    with snapshot(using):
        only = None if number is None else _find(using, number)
        held = None if path is None else _HeldHeads(path, only)
        _verify_cases(using, only, held, provider, result, advance)
        if held is not None:
            held.check(provider, result)
        if only is None:
            _verify_seals(using, folder, provider, result)
        if month_file is not None:
            _compare_month(using, month_file, provider, result, advance)
    result.seconds = time.monotonic() - started
    return result


def _find(using: str, number: str) -> UUID:
    for row in rows(using, "verify_find", number=number):
        found: UUID = row[0]
        return found
    raise CaseNotFoundError(f"there is no case {number}")


def _verify_cases(
    using: str,
    only: UUID | None,
    held_heads: _HeldHeads | None,
    provider: CryptoProvider,
    result: Verification,
    advance: Callable[[int], None],
) -> None:
    cases = _ByCase(_case_rows(using, only))
    events = _ByCase(_events(using, only))
    texts = _ByCase(_texts(using, only))
    contacts = _ByCase(_contacts(using, only, provider))
    answers = _ByCase(_answers(using, only, provider))
    held = _ByCase(iter(held_heads) if held_heads is not None else iter(()))
    while True:
        case_id = min(
            cases.next_case,
            events.next_case,
            texts.next_case,
            contacts.next_case,
            answers.next_case,
            held.next_case,
        )
        if case_id == _AFTER_ALL:
            return
        row = next(cases.take(case_id), None)
        chain = CaseChain(case_id)
        expected = list(held.take(case_id))
        hashes = _follow(chain, events.take(case_id), expected)
        stored = [*texts.take(case_id), *contacts.take(case_id), *answers.take(case_id)]
        breaks = _conclude(chain, row, stored, expected, hashes)
        result.events += chain.events
        result.held += len(expected)
        result.erased += len(chain.erased)
        if row is not None:
            result.cases += 1
        for one in breaks:
            result.found(replace(one, case=row.number) if row is not None else one)
        advance(chain.events)


def _follow(
    chain: CaseChain, events: Iterator[StoredEvent], expected: list[Head]
) -> dict[int, bytes]:
    """Feed the chain; the hashes it has at the places that heads held elsewhere name."""
    wanted = {head.seq for head in expected}
    hashes = {}
    for event in events:
        chain.add(event)
        if event.fields.seq in wanted:
            hashes[event.fields.seq] = event.hash
    return hashes


def _conclude(
    chain: CaseChain,
    row: _CaseRow | None,
    stored: list[StoredText],
    expected: list[Head],
    hashes: dict[int, bytes],
) -> list[Break]:
    if row is None:
        place = "a file of heads names" if expected else "there are events or texts of"
        detail = f"{place} a case that has no row"
        return [*chain.breaks, Break(BreakKind.CASE_MISSING, chain.case_id, None, detail)]
    breaks = chain.finish(row.seq, row.hash, stored)
    for head in expected:
        if head.seq > chain.seq:
            detail = f"a file of heads names event {head.seq}, the chain ends at {chain.seq}"
        elif hashes.get(head.seq) != head.hash:
            detail = f"a file of heads has another hash for event {head.seq}"
        else:
            continue
        breaks.append(Break(BreakKind.HELD_HEAD, chain.case_id, head.seq, detail))
    return breaks


def _compare_month(
    using: str,
    path: Path,
    provider: CryptoProvider,
    result: Verification,
    advance: Callable[[int], None],
) -> None:
    told = months.check(path, provider=provider)
    result.month = told["month"]
    found = months.differing(path, months.named(told["month"]), using=using, advance=advance)
    for case_id, seq, how in found:
        result.found(Break(BreakKind.HELD_EVENT, case_id, seq, f"{told['month']}: {how}"))


def _verify_seals(using: str, folder: Path, provider: CryptoProvider, result: Verification) -> None:
    """Each seal's signature and link, and that file and table say the same."""
    lines = sealing.read_lines(folder / "seals.jsonl")
    written = {line.get("number"): line for line in lines}
    if len(written) < len(lines):
        result.found(Break(BreakKind.SEAL, detail="seals.jsonl names a seal twice or is damaged"))
    previous = sealing.FIRST_PREVIOUS
    expected, last_line = 1, max((n for n in written if isinstance(n, int)), default=0)
    for seal in Seal.objects.using(using).order_by("number").iterator():
        result.seals += 1
        for detail in _seal_faults(seal, expected, previous, provider):
            result.found(Break(BreakKind.SEAL, seq=seal.number, detail=detail))
        line = written.pop(seal.number, None)
        # The newest row may be a moment ahead of its line.
        if line is None and seal.number < last_line:
            result.found(Break(BreakKind.SEAL, seq=seal.number, detail="seals.jsonl lacks it"))
        elif line is not None and line.get("hash") != bytes(seal.hash).hex():
            detail = "seals.jsonl has another seal of this number"
            result.found(Break(BreakKind.SEAL, seq=seal.number, detail=detail))
        expected, previous = seal.number + 1, bytes(seal.hash)
    for number in written:
        detail = "it stands in seals.jsonl and not in the database"
        seq = number if isinstance(number, int) else None
        result.found(Break(BreakKind.SEAL, seq=seq, detail=detail))


def _seal_faults(
    seal: Seal, expected: int, previous: bytes, provider: CryptoProvider
) -> Iterator[str]:
    if seal.number != expected:
        yield f"seals {expected} to {seal.number - 1} are missing"
    if bytes(seal.previous) != previous:
        yield "it does not follow from the seal before"
    content = sealing.statement(seal)
    if bytes(seal.hash) != sm3(content):
        yield "its content is not what was hashed"
    signature = crypto.Signature(seal.key_id, seal.algorithm, bytes(seal.signature))
    if not provider.verify(content, signature):
        yield "its signature is false, or of an unknown key"
