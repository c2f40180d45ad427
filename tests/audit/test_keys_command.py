"""`huying keys` on a real home: listed, rotated, a damaged row named, and kept while needed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from huying import embedded
from tests import forked, made_ready

pytestmark = pytest.mark.slow

FILL = """
from huying import cli
with cli.needed("data"):
    from django.utils import timezone
    from huying.notices import addresses
    from huying.notices.models import Channel, NoticeAddress
    from huying.people.models import Account
    for number in range(3):
        account = Account.objects.create(username=f"key-{number}", name="密钥", password="!")
        addresses.put(account, Channel.SMS, f"1392618775{number}", now=timezone.now())
"""
DAMAGE = """
from huying import cli
with cli.needed("data"):
    from huying.notices.models import NoticeAddress
    row = NoticeAddress.objects.order_by("id").first()
    sealed = bytes(row.value_enc)
    NoticeAddress.objects.filter(pk=row.pk).update(value_enc=sealed[:-1] + bytes([sealed[-1] ^ 1]))
    print(row.pk)
"""
CLEAR = """
from huying import cli
with cli.needed("data"):
    from huying.notices import addresses
    from huying.notices.models import NoticeAddress
    print(",".join(sorted(addresses.clear(row) for row in NoticeAddress.objects.all())))
"""


class Home:
    """A small installation, and commands called in it as a person would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        foreign = ("HUYING_", "DATABASE_", "DJANGO_")
        own = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
        return forked.run(own | {"HUYING_HOME": str(self.folder)}, *arguments)

    def keys(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.python("-m", "huying", "keys", *arguments)


def begun(fill: str) -> Iterator[Home]:
    """A new installation of its own, filled by a piece of program."""
    folder = Path(tempfile.mkdtemp(prefix="hy-keys-"))
    made_ready.copy(folder)
    with embedded.hold(folder, tuning=made_ready.QUICK):
        made = Home(folder)
        filled = made.python("-c", fill)
        assert filled.returncode == 0, filled.stderr
        yield made
    shutil.rmtree(folder)


@pytest.fixture
def home() -> Iterator[Home]:
    yield from begun(FILL)


def test_keys_are_listed_rotated_and_kept_while_they_are_needed(home: Home) -> None:
    listed = json.loads(home.keys("list", "--json").stdout)
    (first,) = listed["keys"]["data"]
    files = {path.name for path in (home.folder / "keys").iterdir() if path.suffix == ".key"}
    assert f"data.{first}.key" in files

    rotated = home.keys("rotate", "data", "--json")
    told = json.loads(rotated.stdout)
    assert (rotated.returncode, told["ok"], told["changed"], told["damaged"]) == (0, True, 3, 0)
    assert json.loads(home.keys("list", "--json").stdout)["keys"]["data"] == [first, told["key"]]
    assert home.python("-c", CLEAR).stdout.strip() == "13926187750,13926187751,13926187752"

    # Somebody may still write under the older one.
    young = home.keys("remove", "data")
    assert young.returncode == 1
    assert "ten minutes" in young.stderr

    # One row is damaged: the others are sealed anew, it is named and nothing of what it holds.
    damaged = home.python("-c", DAMAGE).stdout.strip()
    again = home.keys("rotate", "data")
    assert again.returncode == 1
    assert f"notice_address {damaged}" in again.stdout
    assert "1392618775" not in again.stdout + again.stderr
    assert len(json.loads(home.keys("list", "--json").stdout)["keys"]["data"]) == 3
    # A key for seals is only added: what older ones signed stays provable.
    before = json.loads(home.keys("list", "--json").stdout)["keys"].get("seal", [])
    assert home.keys("rotate", "seal").returncode == 0
    after = json.loads(home.keys("list", "--json").stdout)["keys"]["seal"]
    assert (after[:-1], len(after)) == (before, len(before) + 1)
    assert home.keys("remove", "seal").returncode == 2
