"""Pictures made to fill the memory, and what else a picture carries."""

from __future__ import annotations

import io
import os
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import zlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.test import Client
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from huying.cases import attaching, pictures
from huying.errors import TooLarge, TooMany
from huying.intake.excel import keeping, taking
from huying.uploads import MOST_BYTES, Nameless
from tests.desk.world import World
from tests.security.test_planted import token

PEAK = r"""
import re, sys
from huying.cases import pictures
from huying.errors import HuyingError
file = open(sys.argv[1], "rb")
# Not getrusage: what it tells begins with what the parent had.
peak = lambda: int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1]) // 1024
before = peak()
try:
    print(*pictures.read(file, side=2048).size, peak() - before)
except HuyingError as error:
    print(type(error).__name__, 0, peak() - before)
"""
FULL = 7_071  # squared just below 50 million


def png(side: int, *, colour: int = 6) -> bytes:
    """A PNG of one colour, made without ever holding its pixels: small as a file."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    squeezed, row = zlib.compressobj(9), b"\0" * (1 + side * (4 if colour == 6 else 1))
    packed = b"".join(squeezed.compress(row) for _ in range(side)) + squeezed.flush()
    palette = chunk(b"PLTE", bytes(range(6))) + chunk(b"tRNS", b"\0") if colour == 3 else b""
    head = struct.pack(">IIBBBBB", side, side, 8, colour, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", head),
            palette,
            chunk(b"IDAT", packed),
            chunk(b"IEND", b""),
        )
    )


def saved(side: int, form: str, **how: Any) -> bytes:
    body = io.BytesIO()
    Image.new("RGB", (side, side), "#357").save(body, form, **how)
    return body.getvalue()


def read(raw: bytes, side: int = 300) -> Image.Image:
    return pictures.read(io.BytesIO(raw), side=side)


def peak_of(raw: bytes, folder: Path) -> tuple[str, int]:
    """What came of reading it in a fresh process, and by how many MB that process grew."""
    file = folder / "picture"
    file.write_bytes(raw)
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(file)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
    )
    what, _height, grown = done.stdout.split()
    return what, int(grown)


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda: png(FULL), 300),
        (lambda: png(FULL, colour=3), 160),
        (lambda: saved(FULL, "JPEG"), 200),
        (lambda: saved(5_700, "JPEG", progressive=True, subsampling=0), 280),
        (lambda: saved(4_000, "WEBP", method=0, quality=40), 340),
    ],
    ids=["clear png", "palette png", "jpeg", "progressive jpeg", "webp"],
)
def test_the_largest_picture_taken_needs_little_memory(
    make: Callable[[], bytes], most: int, tmp_path: Path
) -> None:
    what, grown = peak_of(make(), tmp_path)
    assert what == "2048"
    assert grown < most


@pytest.mark.parametrize(
    "make",
    [
        lambda: png(FULL + 1),
        lambda: saved(5_800, "JPEG", progressive=True),
        lambda: saved(4_100, "WEBP", method=0, quality=40),
    ],
    ids=["png", "progressive jpeg", "webp"],
)
def test_a_larger_one_is_refused_by_its_header(make: Callable[[], bytes], tmp_path: Path) -> None:
    what, grown = peak_of(make(), tmp_path)
    assert what == TooLarge.__name__
    assert grown < 16


def test_the_refusal_says_how_many_pixels_there_may_be(
    world: World, as_: Callable[..., Client]
) -> None:
    sent = io.BytesIO(saved(4_100, "WEBP", method=0, quality=40))
    sent.name = "a.webp"
    answer = as_("dispatcher").post("/desk/photos", {"photo": sent, "kind": "photo_before"})
    assert answer.status_code == 413
    assert "16,000,000 像素" in answer.json()["detail"]


def test_one_picture_is_unpacked_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most, lock = 0, 0, threading.Lock()
    whole = pictures._read

    def counted(file: IO[bytes], side: int) -> Image.Image:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        try:
            return whole(file, side)
        finally:
            with lock:
                at_once -= 1

    monkeypatch.setattr(pictures, "_read", counted)
    raw = saved(1_500, "JPEG")
    threads = [
        threading.Thread(target=pictures.read, args=(io.BytesIO(raw),), kwargs={"side": 300})
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_who_waits_too_long_for_others_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "PATIENCE_SECONDS", 0.05)
    with pictures._one_at_a_time, pytest.raises(TooMany):
        read(saved(10, "PNG"))
    assert read(saved(10, "PNG")).size == (10, 10)
    # One that was refused leaves the door open.
    with pytest.raises(TooLarge):
        read(png(FULL + 1))
    assert read(saved(10, "PNG")).size == (10, 10)


SECRETS = (b"secret comment", b"CANON-0042", b"He lives here", b"xmp-secret", b"icc-secret")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("side", [90, 4_000])
def test_only_pixels_are_kept(form: str, side: int, world: World) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x010F] = 6, "He lives here", "CANON-0042"
    how: dict[str, Any] = {"exif": exif}
    if form == "PNG":
        note = PngInfo()
        note.add_text("Comment", "secret comment")
        note.add_itxt("XML:com.adobe.xmp", "xmp-secret")
        how["pnginfo"] = note
    else:
        how |= {"xmp": b"xmp-secret", "icc_profile": b"icc-secret"}
        how |= {"comment": b"secret comment"} if form == "JPEG" else {}
    picture, body = Image.new("RGB", (side, side // 2), "blue"), io.BytesIO()
    picture.paste("red", (0, 0, side // 2, side // 2))
    picture.save(body, form, **how)
    planted = [word for word in SECRETS if word in body.getvalue()]
    assert len(planted) >= 4
    body.seek(0)
    by = world.actor("dispatcher")
    made = attaching.stage(body, kind="photo_before", by=by, now=datetime.now().astimezone())
    for thumb in (False, True):
        path = attaching.file_of(made.pk, thumb=thumb)
        kept = path.read_bytes()
        assert not [word for word in SECRETS if word in kept]
        shown = Image.open(path)
        assert not set(shown.info) & {"exif", "xmp", "icc_profile", "comment", "photoshop"}
        # Its orientation was applied: what was left is above.
        assert shown.height == 2 * shown.width
        above = shown.convert("RGB").getpixel((shown.width // 2, shown.height // 5))
        assert isinstance(above, tuple)
        assert above[0] > 200 > 60 > above[2]


@pytest.mark.parametrize("size", [(9_000, 3), (3, 9_000), (5_001, 4_999), (2_048, 1)])
def test_odd_shapes_keep_their_shape(size: tuple[int, int]) -> None:
    body = io.BytesIO()
    Image.new("L", size, 200).save(body, "PNG")
    small = read(body.getvalue(), 2_048)
    assert max(small.size) == min(2_048, max(size))
    assert abs(small.width / small.height - size[0] / size[1]) / (size[0] / size[1]) < 0.01 or (
        min(small.size) == min(size) or min(small.size) == 1
    )
    corner, far = small.getpixel((0, 0)), small.getpixel((small.width - 1, small.height - 1))
    assert corner == far == (200, 200, 200)


@pytest.mark.parametrize("colour", [3, 6])
def test_what_is_clear_becomes_white_also_in_large_pictures(colour: int) -> None:
    small = read(png(5_000, colour=colour), 500)
    assert small.getextrema() == ((255, 255), (255, 255), (255, 255))


def test_the_folder_of_photos_is_closed_to_other_users(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "deep" / "home"
    monkeypatch.setattr(attaching, "folder", lambda: home / "attachments")
    before = os.umask(0o022)
    try:
        world.photo("dispatcher", "photo_before")
        (home / "attachments").chmod(0o755)  # as an earlier version left it
        world.photo("dispatcher", "photo_before")
    finally:
        os.umask(before)
    for path in [home, *home.rglob("*")]:
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


# --- what comes before anybody is known


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were let in."""
    names: list[str] = []
    for handler in (MemoryFileUploadHandler, Nameless):
        whole = handler.new_file

        def noted(self: Any, *args: Any, whole: Any = whole, **kwargs: Any) -> None:
            names.append(args[1])
            whole(self, *args, **kwargs)

        monkeypatch.setattr(handler, "new_file", noted)
    return names


def sent_up() -> io.BytesIO:
    body = io.BytesIO(saved(20, "JPEG"))
    body.name = "a.jpg"
    return body


@pytest.mark.parametrize("path", ["/accounts/login/", "/desk/photos", "/api/v1/attachments", "/"])
def test_who_is_not_signed_in_puts_no_file_on_the_disk(
    path: str, world: World, kept: list[str]
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/login/")
    answer = client.post(path, {"file": sent_up(), "photo": sent_up(), "kind": "other"})
    assert answer.status_code in (401, 403, 404, 405)
    assert not kept


def test_who_is_signed_in_or_has_a_token_does(
    world: World, as_: Callable[..., Client], kept: list[str]
) -> None:
    sent = {"photo": sent_up(), "kind": "photo_before"}
    assert as_("dispatcher").post("/desk/photos", sent).status_code == 201
    headers = {"Authorization": f"Bearer {token()}", "Idempotency-Key": "one"}
    sent = {"file": sent_up(), "kind": "photo_before"}
    assert Client().post("/api/v1/attachments", sent, headers=headers).status_code == 201
    assert kept == ["a.jpg", "a.jpg"]


def test_a_request_larger_than_any_form_is_not_read(
    world: World, as_: Callable[..., Client], kept: list[str]
) -> None:
    sent = {"photo": sent_up(), "kind": "photo_before"}
    large = str(MOST_BYTES + 1)
    answer = as_("dispatcher").post("/desk/photos", sent, CONTENT_LENGTH=large)
    assert answer.status_code == 400
    headers = {"Authorization": f"Bearer {token()}", "Idempotency-Key": "two"}
    sent = {"file": sent_up(), "kind": "photo_before"}
    answer = Client().post("/api/v1/attachments", sent, headers=headers, CONTENT_LENGTH=large)
    assert answer.status_code == 413
    assert not kept


def test_what_is_too_large_for_the_memory_has_no_name_on_the_disk(
    world: World, as_: Callable[..., Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ends the process while it is read, nothing of it stays."""
    scraps, imports = tmp_path / "scraps", tmp_path / "imports"
    scraps.mkdir()
    imports.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scraps))
    monkeypatch.setattr(keeping, "folder", lambda: imports)
    table = "问题描述,村(社区)\n" + "垃圾成堆,小龙村\n" * 130_000
    assert len(table.encode()) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    seen: list[tuple[bool, list[Path]]] = []
    whole = taking.receive

    def looked(data: bytes, *args: Any, **kwargs: Any) -> Any:
        seen.append((data == table.encode(), [*scraps.iterdir()]))
        return whole(data, *args, **kwargs)

    monkeypatch.setattr(taking, "receive", looked)
    upload = SimpleUploadedFile("台账.csv", table.encode())
    assert as_("dispatcher").post("/desk/imports/", {"file": upload}).status_code == 302
    assert seen == [(True, [])]
