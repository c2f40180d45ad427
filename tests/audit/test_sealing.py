"""Seals: signed, chained, kept in three places that must agree."""

from __future__ import annotations

import json
import stat
from datetime import date, timedelta

import pytest

from huying.audit import merkle
from huying.audit.chain import BreakKind
from huying.audit.heads import HeadFile
from huying.audit.models import Seal
from huying.audit.sealing import FIRST_PREVIOUS, KEPT_HEAD_FILES, read_lines, signed_statement
from huying.audit.sm3 import sm3

from .conftest import DAY


def faults(log):
    result = log.verify()
    assert {one.kind for one in result.breaks} <= {BreakKind.SEAL}
    return [one.detail for one in result.breaks]


def rewrite(log, change):
    path = log.folder / "seals.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(line) + "\n" for line in change(lines)))


def test_a_seal_covers_every_head(log):
    seal = log.seal()
    leaves = [
        merkle.head_leaf(chain.case_id, chain.head_seq, chain.head_hash)
        for chain in sorted(log.chains, key=lambda chain: chain.case_id)
    ]
    assert bytes(seal.root) == merkle.root(leaves)
    assert (seal.number, seal.cases, seal.events, seal.day) == (1, 4, 24, DAY)
    assert bytes(seal.previous) == FIRST_PREVIOUS
    proof = merkle.prove(leaves, 2)
    assert merkle.proves(proof, leaves[2], bytes(seal.root))


def test_row_file_and_head_file_say_the_same(log):
    seal = log.seal()
    line = read_lines(log.folder / "seals.jsonl")[0]
    heads = HeadFile(log.folder / "heads-2019-07-13.jsonl")
    assert len(list(heads)) == 4
    assert heads.seal == line
    assert line["hash"] == bytes(seal.hash).hex()
    head_lines = heads.path.read_bytes().splitlines(keepends=True)[:-1]
    assert line["heads_digest"] == sm3(b"".join(head_lines)).hex()
    statement, signature = signed_statement(line)
    assert log.provider.verify(statement, signature)
    for name in ("seals.jsonl", "heads-2019-07-13.jsonl"):
        assert stat.S_IMODE((log.folder / name).stat().st_mode) == 0o600


def test_seals_are_chained_and_verify(log):
    first = log.seal()
    log.add()
    second = log.seal(DAY + timedelta(days=1))
    third = log.seal(DAY + timedelta(days=1))
    assert [second.number, third.number] == [2, 3]
    assert bytes(second.previous) == bytes(first.hash)
    assert second.cases == 5
    result = log.verify()
    assert (result.ok, result.seals, result.held) == (True, 3, 5)


def test_a_changed_or_missing_line_is_found(log):
    for n in range(3):
        log.seal(DAY + timedelta(days=n))
    assert log.verify().ok
    rewrite(log, lambda lines: [lines[0], {**lines[1], "hash": "00"}, lines[2]])
    assert faults(log) == ["seals.jsonl has another seal of this number"]
    rewrite(log, lambda lines: [lines[0], lines[2]])
    assert faults(log) == ["seals.jsonl lacks it"]
    rewrite(log, lambda lines: [lines[0], lines[0], lines[1]])
    assert "seals.jsonl names a seal twice or is damaged" in faults(log)


def test_a_line_without_its_row_is_found(log):
    # As after putting back an older copy of the database.
    log.seal()
    rewrite(log, lambda lines: [*lines, {**lines[0], "number": 2}])
    assert faults(log) == ["it stands in seals.jsonl and not in the database"]


def test_a_seal_whose_line_was_never_written_gets_it_with_the_next(log):
    log.seal()
    log.seal()
    rewrite(log, lambda lines: lines[:1])
    assert log.verify().ok
    log.seal()
    assert [line["number"] for line in read_lines(log.folder / "seals.jsonl")] == [1, 2, 3]


def test_a_forged_row_is_found(log):
    good = log.seal()
    forged = Seal(
        number=2, day=DAY, at=good.at, cases=3, events=3, root=bytes(32), previous=good.hash,
        hash=good.hash, key_id=good.key_id, algorithm=good.algorithm, signature=good.signature,
    )  # fmt: skip
    forged.save(force_insert=True)
    assert faults(log) == [
        "its content is not what was hashed",
        "its signature is false, or of an unknown key",
    ]


def test_old_head_files_make_room(log):
    for n in range(KEPT_HEAD_FILES + 3):
        log.seal(date(2019, 8, 1) + timedelta(days=n))
    kept = sorted(path.name for path in log.folder.glob("heads-*"))
    assert kept == [f"heads-2019-08-{n:02d}.jsonl" for n in range(4, 11)]


def test_a_folder_that_cannot_be_written_seals_nothing(log):
    (log.folder / "heads-2019-07-13.new").mkdir()
    with pytest.raises(OSError, match="directory"):
        log.seal()
    assert not Seal.objects.exists()
