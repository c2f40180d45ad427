"""照片: what is taken off a photo, what is kept out, and who may use it."""

from __future__ import annotations

import io
import random
import struct
import uuid
import zlib
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageOps
from PIL.PngImagePlugin import PngInfo

from huying.audit.sm3 import sm3
from huying.cases import attaching
from huying.cases.attaching import file_of, stage, sweep
from huying.cases.models import Attachment
from huying.errors import BadInput, Missing, TooLarge
from huying.people.acting import Actor, ActorKind
from tests.cases.town import Town, jpeg

PLANTED = (b"CANON-SERIAL-0042", b"2330.1234N", b"He lives here", b"secret comment")


def photo_that_tells_everything() -> io.BytesIO:
    """40 x 20 with a red left half; EXIF turns it upright to 20 x 40, and names who and where."""
    picture = Image.new("RGB", (40, 20), "blue")
    picture.paste("red", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turned by a quarter to the right to be seen upright
    exif[0x010E] = "He lives here"
    exif[0x010F] = "CANON-SERIAL-0042"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (23.0, 30.0, 12.34)
    gps[29] = "2330.1234N"
    body = io.BytesIO()
    picture.save(body, "JPEG", exif=exif, comment=b"secret comment", quality=95)
    assert all(word in body.getvalue() for word in PLANTED), "the test plants what it looks for"
    body.seek(0)
    return body


def test_a_photo_keeps_its_picture_and_nothing_else(town: Town) -> None:
    made = stage(photo_that_tells_everything(), kind="photo_after", by=town.handler, now=town.now)
    for thumb in (False, True):
        body = file_of(made.pk, thumb=thumb).read_bytes()
        assert not [word for word in PLANTED if word in body]
        assert b"Exif" not in body
        picture = Image.open(io.BytesIO(body))
        assert not picture.getexif()
        assert not picture.info.get("comment")
    picture = Image.open(file_of(made.pk)).convert("RGB")
    assert picture.size == (made.width, made.height) == (20, 40)
    top, bottom = picture.getpixel((10, 5)), picture.getpixel((10, 35))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > 60 > top[2]  # what was left is now above
    assert bottom[2] > 200 > 60 > bottom[0]
    body = file_of(made.pk).read_bytes()
    assert (made.size, bytes(made.digest)) == (len(body), sm3(body))
    assert file_of(made.pk).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("held", [1, 2, 3, 4, 5, 6, 7, 8, 99])
def test_however_the_phone_was_held_the_photo_is_upright_and_bare(town: Town, held: int) -> None:
    corners = Image.new("RGB", (64, 32), "white")
    for colour, spot in (("red", (0, 0)), ("lime", (48, 0)), ("blue", (0, 16))):
        corners.paste(colour, (*spot, spot[0] + 16, spot[1] + 16))
    exif, body = Image.Exif(), io.BytesIO()
    exif[0x0112], exif[0x010F] = held, "CANON-SERIAL-0042"
    corners.save(body, "JPEG", exif=exif, comment=b"secret comment", icc_profile=b"He lives here")
    upright = ImageOps.exif_transpose(Image.open(body))
    body.seek(0)
    made = stage(body, kind="other", by=town.worker, now=town.now)
    for thumb in (False, True):
        kept = file_of(made.pk, thumb=thumb).read_bytes()
        assert not [word for word in PLANTED if word in kept]
        picture = Image.open(io.BytesIO(kept))
        assert picture.size == upright.size
        apart = ImageChops.difference(picture, upright).reduce(8).getextrema()
        assert max(most for _least, most in apart) < 40


def test_clear_parts_become_white_and_comments_go(town: Town) -> None:
    picture = Image.new("RGBA", (30, 30), (255, 0, 0, 0))
    note = PngInfo()
    note.add_text("Comment", "secret comment")
    body = io.BytesIO()
    picture.save(body, "PNG", pnginfo=note)
    body.seek(0)
    made = stage(body, kind="other", by=town.worker, now=town.now)
    stored = Image.open(file_of(made.pk))
    assert stored.format == "JPEG"
    assert stored.getpixel((15, 15)) == (255, 255, 255)
    assert b"secret comment" not in file_of(made.pk).read_bytes()


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I;16"])
def test_every_kind_of_png_is_taken(town: Town, mode: str) -> None:
    body = io.BytesIO()
    Image.new(mode, (30, 30)).save(body, "PNG")
    body.seek(0)
    assert stage(body, kind="other", by=town.worker, now=town.now).width == 30


def test_a_large_photo_is_made_smaller_and_has_a_thumb(town: Town) -> None:
    made = stage(jpeg((3000, 1500)), kind="other", by=town.worker, now=town.now)
    assert (made.width, made.height) == (2048, 1024)
    assert Image.open(file_of(made.pk)).size == (2048, 1024)
    assert Image.open(file_of(made.pk, thumb=True)).size == (320, 160)


def bomb(side: int) -> io.BytesIO:
    """A PNG that says it has side x side pixels, in a few bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return io.BytesIO(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [7_100, 60_000])
def test_too_many_pixels_are_refused_before_they_are_unpacked(town: Town, side: int) -> None:
    with town.refused(TooLarge, "file"):
        stage(bomb(side), kind="other", by=town.worker, now=town.now)


def test_too_many_bytes_are_refused(town: Town) -> None:
    with town.refused(TooLarge, "file"):
        body = io.BytesIO(b"\xff\xd8" + b"0" * attaching.LARGEST_BYTES)
        stage(body, kind="other", by=town.worker, now=town.now)


def test_what_is_no_picture_is_refused(town: Town) -> None:
    gif = io.BytesIO()
    Image.new("P", (10, 10)).save(gif, "GIF")
    for body in (b"%PDF-1.4", b"<svg onload=alert(1)>", gif.getvalue(), jpeg().getvalue()[:200]):
        with town.refused(BadInput, "file"):
            stage(io.BytesIO(body), kind="other", by=town.worker, now=town.now)
    with town.refused(Missing, "file"):
        stage(io.BytesIO(b""), kind="other", by=town.worker, now=town.now)
    with town.refused(BadInput, "kind"):
        stage(jpeg(), kind="hologram", by=town.worker, now=town.now)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_damaged_files_are_refused_in_words_whatever_is_damaged(town: Town) -> None:
    """Decoders stumble in many ways; none of them is a fault of the server."""
    rng = random.Random(7)
    exif = photo_that_tells_everything().getvalue()
    png, webp = io.BytesIO(), io.BytesIO()
    Image.new("RGBA", (30, 30), "#123456").save(png, "PNG")
    Image.new("RGB", (30, 30), "#123456").save(webp, "WEBP")
    for original in (exif, png.getvalue(), webp.getvalue()):
        for _ in range(40):
            body = bytearray(original)
            for _ in range(rng.randint(1, 12)):
                body[rng.randrange(len(body))] = rng.randrange(256)
            try:
                stage(io.BytesIO(bytes(body)), kind="other", by=town.worker, now=town.now)
            except (BadInput, TooLarge) as refusal:
                assert refusal.field == "file"  # noqa: PT017


# --- a photo as phones send it, whose bytes are kept


def of_a_street(size: tuple[int, int] = (640, 480), **save: Any) -> bytes:
    """A photo with some detail in it."""
    coarse = Image.frombytes("RGB", (32, 24), random.Random(5).randbytes(32 * 24 * 3))
    body = io.BytesIO()
    coarse.resize(size, Image.Resampling.BICUBIC).save(body, "JPEG", **({"quality": 80} | save))
    return body.getvalue()


def kept(town: Town, sent: bytes) -> bytes:
    made = stage(io.BytesIO(sent), kind="photo_before", by=town.worker, now=town.now)
    body = file_of(made.pk).read_bytes()
    assert (made.size, bytes(made.digest)) == (len(body), sm3(body))
    assert Image.open(file_of(made.pk, thumb=True)).size == (320, 240)
    return body


def scan_of(jpeg: bytes) -> bytes:
    return jpeg[jpeg.index(b"\xff\xda") : jpeg.rindex(b"\xff\xd9") + 2]


def pixels(jpeg: bytes) -> bytes:
    return Image.open(io.BytesIO(jpeg)).convert("RGB").tobytes()


@pytest.mark.parametrize(
    "save", [{}, {"optimize": True}, {"subsampling": 0}, {"restart_marker_rows": 2}]
)
def test_a_plain_photo_loses_nothing_of_its_sharpness(town: Town, save: dict[str, Any]) -> None:
    sent = of_a_street(**save)
    assert pixels(kept(town, sent)) == pixels(sent)
    assert scan_of(kept(town, sent)) == scan_of(sent)


def test_a_plain_photo_loses_all_that_is_no_pixel(town: Town) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x010F] = 1, "He lives here", "CANON-SERIAL-0042"
    exif.get_ifd(0x8825)[29] = "2330.1234N"
    told = of_a_street(exif=exif, comment=b"secret comment", icc_profile=b"He lives here" * 9)
    told = told[:2] + b"\xff\xed\x00\x10secret comment" + told[2:] + b"secret comment"
    body = kept(town, told)
    assert not [word for word in (*PLANTED, b"Exif", b"ICC") if word in body]
    assert pixels(body) == pixels(told)
    assert body == kept(town, of_a_street())


@pytest.mark.parametrize("kind", [ActorKind.RESIDENT, ActorKind.INTEGRATION])
def test_no_byte_of_whom_the_system_does_not_know_is_shown(town: Town, kind: ActorKind) -> None:
    sent = of_a_street()
    by = Actor(kind=kind, area_code="440113", integration_id=7)
    made = stage(io.BytesIO(sent), kind="photo_before", by=by, now=town.now)
    assert scan_of(file_of(made.pk).read_bytes()) != scan_of(sent)


SECRET = b"secret"


def behind_a_table(sent: bytes) -> bytes:
    table = sent.index(b"\xff\xdb\x00\x43") + 4
    return sent[: table - 1] + b"\x49" + sent[table : table + 65] + SECRET + sent[table + 65 :]


def before_the_end(sent: bytes) -> bytes:
    return sent[:-2] + b"\xff\xfe\x00\x08" + SECRET + sent[-2:]


def for_a_program(sent: bytes) -> bytes:
    return sent[:2] + b"\xff\xee\x00\x0e" + SECRET * 2 + sent[2:]


def behind_the_pixels(sent: bytes) -> bytes:
    return sent[:-2] + SECRET * 60_000 + sent[-2:]


@pytest.mark.parametrize(
    "hidden", [behind_a_table, before_the_end, for_a_program, behind_the_pixels]
)
def test_what_hides_where_a_plain_photo_has_nothing_goes(town: Town, hidden: Any) -> None:
    sent = hidden(of_a_street())
    assert SECRET in sent
    try:
        body = kept(town, sent)
    except BadInput:
        return
    assert SECRET not in body


@pytest.mark.parametrize("save", [{"progressive": True}, {"quality": 100, "subsampling": 0}])
def test_what_is_no_plain_photo_is_packed_anew(town: Town, save: dict[str, Any]) -> None:
    noise = Image.frombytes("RGB", (640, 480), random.Random(6).randbytes(640 * 480 * 3))
    sent = io.BytesIO()
    noise.save(sent, "JPEG", **save)
    body = kept(town, sent.getvalue())
    assert "progressive" not in Image.open(io.BytesIO(body)).info
    assert scan_of(body) != scan_of(sent.getvalue())


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_plain_photo_that_is_cut_off_is_refused(town: Town) -> None:
    whole = of_a_street()
    scan = whole.index(b"\xff\xda")
    for length in (scan + 40, (scan + len(whole)) // 2, len(whole) - 400):
        with town.refused(BadInput, "file"):
            kept(town, whole[:length])


# --- taking up


def test_only_ones_own_photo_and_only_once(town: Town) -> None:
    case = town.bring_to("handling")
    mine, anothers = town.photo(), town.photo(by="fireman")
    with town.refused(BadInput, "photos"):
        town.do("attach", case, by="handler", photos=[mine.pk, anothers.pk])
    case = town.do("attach", case, by="handler", photos=[mine.pk], text="整改后")
    mine.refresh_from_db()
    assert (mine.case_id, mine.seq) == (case.pk, case.last_seq)
    another = town.bring_to("handling")
    with town.refused(BadInput, "photos"):
        town.do("attach", another, by="handler", photos=[mine.pk])


def test_a_photo_named_twice_is_one(town: Town) -> None:
    case, photo = town.bring_to("handling"), town.photo()
    case = town.do("attach", case, by="handler", photos=[photo.pk, photo.pk])
    assert Attachment.objects.filter(case=case).count() == 1


def test_photos_that_nobody_took_up_are_swept_away_after_a_day(town: Town) -> None:
    old = town.photo()
    used = town.photo()
    town.do("attach", town.bring_to("handling"), by="handler", photos=[used.pk])
    later = old.uploaded_at + timedelta(days=1)
    assert sweep(now=later) == 0
    new = town.photo(now=later)
    assert sweep(now=later + timedelta(seconds=1)) == 1
    assert set(Attachment.objects.values_list("pk", flat=True)) >= {used.pk, new.pk}
    assert not Attachment.objects.filter(pk=old.pk).exists()
    assert [file_of(each.pk).exists() for each in (old, used, new)] == [False, True, True]
    assert not file_of(old.pk, thumb=True).exists()


def test_files_are_spread_over_folders() -> None:
    one = uuid.UUID("01890000-0000-7000-8000-0000000000ab")
    assert file_of(one).parent.name == "ab"
    assert file_of(one) != file_of(one, thumb=True)
