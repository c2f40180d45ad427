"""Files of heads: read as they were written, refused when they are not what they seem."""

from __future__ import annotations

import gzip
import uuid

import pytest

from huying.audit.heads import Head, HeadFile, HeadFileError, head_line, seal_line

HEADS = [Head(uuid.UUID(int=n), n, bytes([n]) * 32) for n in range(1, 6)]
TEXT = "".join(map(head_line, HEADS)) + seal_line({"number": 1})


def test_round_trip_plain_and_compressed(tmp_path):
    path = tmp_path / "heads.jsonl"
    for content in (TEXT.encode(), gzip.compress(TEXT.encode())):
        path.write_bytes(content)
        file = HeadFile(path)
        assert list(file) == HEADS
        assert file.seal == {"number": 1}
        assert file.count == 5


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (head_line(HEADS[1]) + head_line(HEADS[0]), 2),
        (head_line(HEADS[1]) * 2, 2),
        (head_line(HEADS[0]) + '{"case": "x"}\n', 2),
        (TEXT + head_line(HEADS[4]), 7),
        (head_line(HEADS[0]).replace('"seq":1', '"seq":0'), 1),
        (head_line(HEADS[0]).replace("01", "0"), 1),
        ("[]\n", 1),
        ("\x00\xff", 1),
    ],
)
def test_the_line_that_is_wrong_is_named(tmp_path, text, line):
    path = tmp_path / "heads.jsonl"
    path.write_text(text)
    with pytest.raises(HeadFileError, match=f"line {line} "):
        list(HeadFile(path))


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        HeadFile(tmp_path / "none")
