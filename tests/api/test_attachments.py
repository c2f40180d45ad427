"""Photos: uploaded, taken up, and shown to nobody else."""

from __future__ import annotations

import io
import uuid
from pathlib import Path
from typing import Any

import pytest

COMMUNITY = "440113120213"


def _photo(colour: str = "red", size: tuple[int, int] = (64, 48)) -> io.BytesIO:
    from PIL import Image

    file = io.BytesIO()
    picture = Image.new("RGB", size, colour)
    exif = Image.Exif()
    exif[0x010E] = "张三丰"
    picture.save(file, "JPEG", exif=exif)
    file.seek(0)
    file.name = "photo.jpg"
    return file


def _upload(api: Any, file: Any = None, kind: str = "photo_before", key: str = "") -> Any:
    return api.client.post(
        "/api/v1/attachments",
        {"kind": kind, "file": file or _photo()},
        headers=api.headers | {"Idempotency-Key": key or uuid.uuid4().hex},
    )


def test_a_photo_goes_with_a_report_and_comes_back_without_its_exif(district: Any) -> None:
    from PIL import Image

    made = _upload(district)
    assert made.status_code == 201, made.content
    photo = made.json()
    number = district.report(area=COMMUNITY, photos=[photo["id"]]).json()["number"]
    shown = district.get(f"/cases/{number}").json()["photos"]
    assert [each["id"] for each in shown] == [photo["id"]]
    for path in ("", "/thumb"):
        answer = district.get(f"/attachments/{photo['id']}{path}")
        assert answer["Content-Type"] == "image/jpeg"
        assert "private" in answer["Cache-Control"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        picture = Image.open(io.BytesIO(b"".join(answer.streaming_content)))
        assert not dict(picture.getexif())


def test_the_same_upload_again_is_the_same_photo(district: Any) -> None:
    first, again = (_upload(district, key="k1") for _time in range(2))
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    other = _upload(district, _photo("blue"), key="k1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


def _piece(api: Any, key: str, offset: int, body: Any) -> Any:
    return api.client.post(
        f"/api/v1/attachments/pieces?offset={offset}",
        body,
        "application/octet-stream",
        headers=api.headers | {"Idempotency-Key": key},
    )


def _arrived(api: Any, key: str) -> Any:
    return api.client.get(
        "/api/v1/attachments/pieces", headers=api.headers | {"Idempotency-Key": key}
    ).json()


def _finish(api: Any, key: str, size: int) -> Any:
    return api.client.post(
        "/api/v1/attachments",
        {"kind": "photo_before", "size": size},
        headers=api.headers | {"Idempotency-Key": key},
    )


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pieces lie that only this test sends."""
    from huying.cases import arriving

    monkeypatch.setattr(arriving, "_root", lambda: tmp_path / "arriving")
    return tmp_path / "arriving"


def test_an_upload_in_pieces_goes_on_where_it_stopped(caller: Any, room: Path) -> None:
    api, other = caller(), caller(name="other")
    whole = _photo(size=(640, 480)).getvalue()
    assert _piece(api, "k1", 0, whole[:1000]).json()["received"] == 1000
    ahead = _piece(api, "k1", 2000, whole[2000:])
    assert (ahead.status_code, ahead.json()["code"]) == (409, "wrong_offset")
    assert ahead.json()["extra"] == {"received": 1000}
    early = _finish(api, "k1", len(whole))
    assert (early.status_code, early.json()["extra"]) == (409, {"received": 1000})
    # Keys belong to their callers, and nobody's name is part of a path.
    assert _arrived(other, "k1")["received"] == 0
    assert _arrived(api, "../../k1")["received"] == 0
    assert _piece(api, "k1", _arrived(api, "k1")["received"], whole[1000:]).status_code == 200
    made = _finish(api, "k1", len(whole))
    assert made.status_code == 201, made.content
    assert _arrived(api, "k1") == {"received": 0, "attachment": made.json()}
    assert not list(room.glob("*/*.part"))
    # Who has missed the answer asks again, and gets it; who means another upload does not.
    again = _finish(api, "k1", len(whole))
    assert (again.status_code, again.content) == (201, made.content)
    assert again["Idempotency-Replayed"] == "true"
    other_size = _finish(api, "k1", len(whole) + 1)
    assert (other_size.status_code, other_size.json()["code"]) == (409, "idempotency_key_reused")
    # The same bytes at once, under the same key, are the same photo.
    again = _upload(api, io.BytesIO(whole), key="k1")
    assert (again.status_code, again.json()["id"]) == (201, made.json()["id"])


def test_a_piece_that_is_cut_off_counts_as_far_as_it_came(room: Path) -> None:
    from django.http import UnreadablePostError

    from huying.cases import arriving

    class Cut(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if some := super().read(size):
                return some
            raise UnreadablePostError("connection lost")

    assert arriving.append("account:1", "k1", 0, Cut(b"a" * 40_000)) == 40_000
    assert arriving.append("account:1", "k1", 40_000, io.BytesIO(b"b")) == 40_001


def test_unfinished_uploads_are_bounded_and_swept(
    monkeypatch: pytest.MonkeyPatch, caller: Any, room: Path
) -> None:
    import os
    from datetime import UTC, datetime, timedelta

    from huying.cases import arriving

    monkeypatch.setattr(arriving, "MOST_UNFINISHED", 2)
    for at, key in enumerate(("k1", "k2", "k3")):
        arriving.append("account:1", key, 0, io.BytesIO(b"a"))
        os.utime(arriving._file("account:1", key), (at + 1, at + 1))
    assert [arriving.received("account:1", key) for key in ("k1", "k2", "k3")] == [0, 1, 1]
    monkeypatch.setattr(arriving, "LARGEST_BYTES", 10)
    api = caller()
    assert _piece(api, "k9", 0, b"a" * 11).status_code == 413
    assert arriving.sweep(now=datetime.now(UTC)) == 2
    assert arriving.sweep(now=datetime.now(UTC) + timedelta(days=2)) == 1
    assert not list(room.iterdir())


def test_a_photo_is_its_uploaders_until_a_case_shows_it(caller: Any) -> None:
    desk, other = caller("dispatcher", "440113120"), caller("dispatcher", "440113120")
    elsewhere = caller("dispatcher", "440113009")
    photo = _upload(desk).json()["id"]
    path = f"/attachments/{photo}"
    assert [api.get(path).status_code for api in (desk, other, elsewhere)] == [200, 404, 404]
    desk.report(area=COMMUNITY, photos=[photo])
    assert [api.get(path).status_code for api in (desk, other, elsewhere)] == [200, 200, 404]


def test_nobody_takes_up_anothers_photo(caller: Any) -> None:
    photo = _upload(caller(name="one")).json()["id"]
    answer = caller(name="other").report(photos=[photo])
    assert (answer.status_code, answer.json()["field"]) == (422, "photos")


@pytest.mark.parametrize(
    ("body", "kind", "field"),
    [(b"no picture", "photo_before", "file"), (None, "selfie", "kind"), (b"", "other", "file")],
)
def test_what_is_no_photo_is_refused(district: Any, body: Any, kind: str, field: str) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = _photo() if body is None else SimpleUploadedFile("a.jpg", body, "image/jpeg")
    answer = _upload(district, file, kind)
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.content


def test_a_photo_that_is_too_large_is_refused(district: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("a.jpg", b"x" * (15 * 1024 * 1024 + 1), "image/jpeg")
    answer = _upload(district, file)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("photo", ["x", "018f0000-0000-7000-8000-000000000000", "%00"])
def test_a_photo_that_is_not_there(district: Any, photo: str) -> None:
    assert district.get(f"/attachments/{photo}").status_code == 404
    assert district.get(f"/attachments/{photo}/thumb").status_code == 404


def test_a_document_goes_with_a_report_and_is_saved_not_shown(district: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.cases import papers

    file = SimpleUploadedFile("通知书.pdf", papers.hostile(), "application/pdf")
    made = _upload(district, file, "document")
    assert made.status_code == 201, made.content
    paper = made.json()
    assert (paper["name"], paper["width"]) == ("通知书.pdf", None)
    number = district.report(area=COMMUNITY, photos=[paper["id"]]).json()["number"]
    shown = district.get(f"/cases/{number}").json()
    assert shown["photos"] == []
    assert shown["documents"] == [{k: paper[k] for k in ("id", "name", "size")}]
    events = district.get(f"/cases/{number}/events").json()["items"]
    assert events[0]["documents"] == shown["documents"]
    answer = district.get(f"/attachments/{paper['id']}")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert (
        answer["Content-Security-Policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    )
    assert "/JavaScript" not in papers.everything(b"".join(answer.streaming_content))
    assert district.get(f"/attachments/{paper['id']}/thumb").status_code == 404


def test_a_renamed_page_is_no_document(district: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("notice.pdf", b"<html><script>x</script></html>", "application/pdf")
    answer = _upload(district, file, "document")
    assert (answer.status_code, answer.json()["field"]) == (422, "file")
    assert answer.json()["detail_zh"] == "这不是 PDF 文件。"
