"""A key is made, in use, replaced, and its file gone; all stays readable. See `keys_story`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.audit.test_keys_command import Home, begun

pytestmark = pytest.mark.slow


@pytest.fixture
def home() -> Iterator[Home]:
    yield from begun("")


def test_a_key_is_rotated_out_and_removed_and_everything_stays_readable(home: Home) -> None:
    ended = home.python("-m", "tests.audit.keys_story")
    assert ended.returncode == 0, ended.stdout + ended.stderr
