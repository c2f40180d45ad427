"""PDF files are taken in harmless, or not at all."""

from __future__ import annotations

import io
import subprocess
import sys
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest

from huying.audit.sm3 import sm3
from huying.cases import attaching, documents, pdf
from huying.cases.models import Attachment
from huying.errors import BadInput, HuyingError, Missing, TooLarge, TooMany
from huying.people.acting import SYSTEM
from tests.cases import papers

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attaching, "folder", lambda: tmp_path / "attachments")


def staged(body: bytes, name: str = "整改通知书.pdf") -> Attachment:
    return documents.stage(io.BytesIO(body), name=name, by=SYSTEM, now=NOW)


def test_a_hostile_file_loses_all_that_acts_or_tells_and_keeps_its_page() -> None:
    given = papers.hostile()
    before, after = papers.everything(given), papers.everything(documents.clean(given))
    acting = [
        "/JavaScript", "/JS", "/OpenAction", "/AA", "/Launch", "cmd.exe", "/SubmitForm", "/XFA",
        "xfa()", "/EmbeddedFile", "evil", "/FileAttachment", "/Screen", "javascript:", "/Next",
        "/Info", "/Metadata", "Wise Valley", "named()", "share",
    ]  # fmt: skip
    assert [word for word in acting if word not in before] == []
    assert [word for word in acting if word in after] == []
    assert "https://example.org/notice" in after
    assert "/GoTo" in after
    with pikepdf.open(io.BytesIO(documents.clean(given))) as opened:
        assert len(opened.pages) == 1


def test_what_is_seen_stays_as_it_was() -> None:
    with pikepdf.open(io.BytesIO(documents.clean(papers.plain(3)))) as opened:
        assert [page.Contents.read_bytes() for page in opened.pages] == [
            b"0 0 1 rg 20 20 100 50 re f"
        ] * 3


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!doctype html><script>alert(1)</script>", "not a PDF"),
        (b"<html>%PDF-1.7</html>", "not a PDF"),
        (papers.encrypted(), "password"),
        (papers.encrypted("user"), "password"),
        (papers.plain()[:-60], "damaged"),
        (b"%PDF-1.7\n" + b"junk" * 50, "damaged"),
        (papers.plain(pdf.MOST_PAGES + 1), "1,000 pages"),
    ],
)
def test_what_cannot_be_taken_is_told_why(body: bytes, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        documents.clean(body)
    told = refused.value.problem()
    assert words in told["detail"]
    assert "PDF" in told["detail_zh"]
    assert told["detail_zh"] != told["detail"]


def test_an_empty_or_too_large_file_is_refused() -> None:
    with pytest.raises(Missing):
        staged(b"")
    with pytest.raises(TooLarge, match="20 MB"):
        staged(b"%PDF-" + b"0" * documents.LARGEST_BYTES)


def bomb() -> bytes:
    """A small file whose objects are packed in a stream of 3 GB.

    Sixteen megabytes are squeezed once and stand there 192 times: after a full flush the next lot
    needs nothing of the one before.
    """
    squeezed = zlib.compressobj(9)
    start, lot = b"1 0 ", b" " * (1 << 24)
    packed = squeezed.compress(start) + squeezed.flush(zlib.Z_FULL_FLUSH)
    packed += (squeezed.compress(lot) + squeezed.flush(zlib.Z_FULL_FLUSH)) * 192
    check = zlib.adler32(start)
    for _ in range(192):
        check = zlib.adler32(lot, check)
    packed += b"\1\0\0\xff\xff" + check.to_bytes(4, "big")
    head = b"%PDF-1.5\n"
    stream = (
        b"2 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n" % len(packed)
        + packed + b"\nendstream\nendobj\n"
    )  # fmt: skip
    at = len(head) + len(stream)
    rows = b"\0\0\0\0\0" + b"\2\0\0\2\0" + b"\1" + len(head).to_bytes(3, "big") + b"\0"
    rows += b"\1" + at.to_bytes(3, "big") + b"\0"
    table = (
        b"3 0 obj\n<</Type/XRef/Size 4/W[1 3 1]/Root 1 0 R/Length %d>>stream\n" % len(rows)
        + rows + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % at
    )  # fmt: skip
    return head + stream + table


@pytest.mark.slow
def test_a_file_that_unpacks_to_gigabytes_is_refused_within_its_bounds() -> None:
    file = bomb()
    assert len(file) < 4_000_000
    with pytest.raises(BadInput) as refused:
        documents.clean(file)
    assert "damaged" in refused.value.problem()["detail"]


def test_the_program_holds_itself_to_its_bounds() -> None:
    code = (
        "import resource, io, sys; from huying.cases import pdf\n"
        "sys.stdin = io.TextIOWrapper(io.BytesIO(b'')); pdf.main()\n"
        "print(*(resource.getrlimit(x)[0] for x in"
        " (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert said.stdout.split() == [str(pdf.MEMORY), str(pdf.SECONDS), str(pdf.LARGEST_OUTPUT)]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("整改通知书.PDF", "整改通知书.pdf"),
        ("C:\\Users\\张\\sheet.pdf", "sheet.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("gpj\u202efdp.exe", "gpjfdp.exe.pdf"),
        ("", "document.pdf"),
        ("长" * 200 + ".pdf", "长" * 96 + ".pdf"),
    ],
)
def test_a_name_is_a_name_and_no_more(given: str, kept: str) -> None:
    assert documents.plain_name(given) == kept


@pytest.mark.django_db
def test_it_is_kept_with_the_digest_of_what_was_kept_and_swept_if_nobody_takes_it() -> None:
    kept = staged(papers.hostile())
    path = documents.file_of(kept.pk)
    assert (kept.kind, kept.name, kept.width) == ("document", "整改通知书.pdf", None)
    assert bytes(kept.digest) == sm3(path.read_bytes())
    assert kept.size == path.stat().st_size
    attaching.sweep(now=NOW + timedelta(days=2))
    assert not path.exists()
    assert not Attachment.objects.exists()


@pytest.mark.django_db
def test_a_pdf_is_no_photo_and_a_document_no_picture() -> None:
    for kind in ("photo_before", "document"):
        with pytest.raises(HuyingError):
            attaching.stage(io.BytesIO(papers.plain()), kind=kind, by=SYSTEM, now=NOW)
    assert not Attachment.objects.exists()


def test_a_document_does_not_wait_without_end_for_those_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(documents, "PATIENCE_SECONDS", 0.01)
    with documents._in_turn(), documents._in_turn(), pytest.raises(TooMany):
        documents.clean(papers.plain(1))
    documents.clean(papers.plain(1))
