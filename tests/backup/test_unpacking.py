"""What a base backup's archive may hold: files and folders below the place it is unpacked to."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from huying.backup.recovering import _take_out


def unpack(target: Path, *members: tarfile.TarInfo) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for member in members:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    made.seek(0)
    with tarfile.open(fileobj=made, mode="r|") as tar:
        for member in tar:
            _take_out(tar, member, target)


def member(
    name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, link: str = ""
) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, size, link
    return info


def test_files_and_folders_come_out_where_they_were(tmp_path: Path) -> None:
    unpack(
        tmp_path,
        member("./base", tarfile.DIRTYPE),
        member("./base/1", size=3),
        member("a/b", size=1),
    )
    assert (tmp_path / "base" / "1").read_bytes() == b"xxx"
    assert (tmp_path / "a" / "b").read_bytes() == b"x"


@pytest.mark.parametrize(
    "wrong",
    [
        member("../out", size=1),
        member("base/../../out", size=1),
        member("/out", size=1),
        member("pg_tblspc/1", tarfile.SYMTYPE, link="/etc"),
        member("hard", tarfile.LNKTYPE, link="../out"),
        member("device", tarfile.CHRTYPE),
    ],
    ids=lambda info: info.name,
)
def test_what_leads_elsewhere_is_refused(tmp_path: Path, wrong: tarfile.TarInfo) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(tarfile.TarError):
        unpack(inside, wrong)
    assert list(tmp_path.rglob("*")) == [inside]
