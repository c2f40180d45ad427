"""A log in the database, written by the application's role, and a place for keys and seals."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from huying.audit.chain import contact_digest
from huying.audit.identifiers import new_id

from . import chains

if TYPE_CHECKING:
    from huying.audit.models import Seal
    from huying.audit.verifying import Verification

NOW = datetime(2019, 7, 12, 16, 30, tzinfo=UTC)
DAY = date(2019, 7, 13)


def store(chain: chains.Chain, number: str) -> None:
    """Write a chain as the case side does."""
    from huying.cases.models import Case, CaseContact, CaseEvent, CaseText

    case = Case(
        id=chain.case_id, district_code="440113", number=number, state="reported",
        channel="patrol", level="community", holder_code="440113120213",
        area_code="440113120213", received_at=chains.START, changed_at=chains.START,
        desk_since=chains.START,
        last_seq=chain.head_seq, last_hash=chain.head_hash,
    )  # fmt: skip
    case.save(force_insert=True)
    CaseEvent.objects.bulk_create(
        CaseEvent(**event.fields._asdict(), prev=event.prev, hash=event.hash)
        for event in chain.events
    )
    digests = {text.id: text.digest for text in chain.texts()}
    CaseText.objects.bulk_create(
        CaseText(
            id=row,
            case=case,
            district_code="440113",
            kind=kind,
            seq=1,
            body=body,
            salt=salt,
            digest=digests[row],
        )
        for row, (kind, salt, body) in chain.rows.items()
    )
    for row, (salt, *parts) in chain.contacts.items():
        CaseContact.objects.create(
            id=row, case=case, district_code="440113", seq=2, salt=salt, name_enc=parts[0],
            phone_enc=parts[1], phone_index=parts[2], digest=contact_digest(salt, *parts),
        )  # fmt: skip


class Log:
    """Some cases in the database, and how they are sealed and verified in a test."""

    def __init__(self, folder: Path, cases: int) -> None:
        from huying.audit.crypto import DefaultProvider

        self.folder = folder
        self.provider = DefaultProvider(folder / "keys")
        self.chains: list[chains.Chain] = []
        self._rng = random.Random(11)
        for _ in range(cases):
            self.add()

    def add(self) -> chains.Chain:
        chain = chains.chain(self._rng, 5)
        chain.case_id = new_id()
        chain.append_with_contact(self._rng)
        chains.forge(chain)
        chain.head_hash = chain.events[-1].hash
        self.chains.append(chain)
        store(chain, self.number(len(self.chains) - 1))
        return chain

    @staticmethod
    def number(index: int) -> str:
        return f"440113120201907110000{index:04d}"

    def seal(self, day: date = DAY) -> Seal:
        from huying.audit import sealing

        return sealing.seal(day, NOW, folder=self.folder, provider=self.provider)

    def verify(self, **options) -> Verification:
        from huying.audit import verifying

        return verifying.verify(folder=self.folder, provider=self.provider, **options)


@pytest.fixture
def log(db, tmp_path):
    return Log(tmp_path, 4)


@pytest.fixture
def committed_log(transactional_db, tmp_path):
    """As `log`, but committed, so that the owner's session sees it."""
    return Log(tmp_path, 4)
