"""The archive's folders: what was put comes back, and nothing else is taken for it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.audit import pieces
from huying.backup import store
from huying.backup.manifest import BackupError
from huying.backup.store import Store


@settings(max_examples=25)
@given(st.lists(st.binary(max_size=40), max_size=6), st.booleans())
def test_what_was_put_comes_back(content: list[bytes], sealed: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "PIECE", 32)
        here = Store(Path(folder), sealed=sealed)
        here.put("a/one", content)
        again = Store(Path(folder))
        assert again.content(again.entries()["a/one"]) == b"".join(content)


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(pieces, "PIECE", 16)
    made = Store(tmp_path, sealed=True)
    made.put("one", [b"x" * 40])
    made.put("two", [b"y" * 40])
    return made


def test_nothing_readable_lies_there(sealed: Store) -> None:
    assert b"xxxx" not in (sealed.folder / "one").read_bytes()


def test_what_was_cut_changed_or_exchanged_is_not_taken(sealed: Store) -> None:
    entry, path = sealed.entries()["one"], sealed.folder / "one"
    whole = path.read_bytes()
    first = 4 + int.from_bytes(whole[:4], "big")
    other = (sealed.folder / "two").read_bytes()
    for wrong in (whole[:first], whole[:-1], whole[:-1] + b"?", other, b""):
        path.write_bytes(wrong)
        with pytest.raises(BackupError, match="not what was written"):
            sealed.content(entry)
    path.unlink()
    with pytest.raises(BackupError, match="is missing"):
        sealed.content(entry)


def test_a_line_that_was_broken_off_is_no_line(sealed: Store) -> None:
    with (sealed.folder / store.INDEX).open("a") as file:
        file.write('{"name": "thr')
    assert set(sealed.entries()) == {"one", "two"}


def test_what_is_forgotten_is_gone_and_out_of_the_list(sealed: Store) -> None:
    assert sealed.forget(["one", "unknown"]) > 40
    assert set(sealed.entries()) == {"two"}
    assert not (sealed.folder / "one").exists()
