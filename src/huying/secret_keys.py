"""The keys that sign sessions, links and forms (Django's), changed while everybody works on.

They lie in `secrets/`: the first as `django.key`, later ones as `django.TIME-RANDOM.key`. The
newest signs and every other one is still accepted. A key that was just made is accepted at once and
signs a little later: by then each web process, which looks at the folder at each request, knows it.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from huying.embedded import private_file, secret

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

FIRST: Final = "django.key"
_LATER = re.compile(r"django\.(\d{8}T\d{12})-[0-9a-f]{6}\.key")
_CHARACTERS: Final = 48

SETTLES_S: Final = 30.0
"""Seconds for which a new key only reads; longer than any request takes to look at the folder."""


class Keys(NamedTuple):
    """The key that signs, those that are accepted beside it, and when a younger one will sign."""

    signs: str
    accepted: list[str]
    changes_at: float


def made_at(path: Path) -> float:
    """When a key was made, in seconds since 1970; 0 for the first."""
    named = _LATER.fullmatch(path.name)
    if named is None:
        return 0.0
    return datetime.strptime(named[1], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC).timestamp()


def files(folder: Path) -> list[Path]:
    """The key files, oldest first."""
    later = [path for path in folder.glob("django.*.key") if _LATER.fullmatch(path.name)]
    first = folder / FIRST
    return [*([first] if first.exists() else []), *sorted(later, key=lambda path: path.name)]


def ids(folder: Path) -> list[str]:
    """What the keys are called, oldest first; never the keys."""
    return [path.name.removesuffix(".key") for path in files(folder)]


def read(folder: Path, now: float) -> Keys:
    """The keys as they hold at ``now`` (seconds since 1970); the first is made if there is none."""
    found = files(folder)
    if not found:
        return Keys(secret(folder / FIRST, _CHARACTERS), [], float("inf"))
    settled = [path for path in found if made_at(path) + SETTLES_S <= now] or found[:1]
    young = [path for path in found if path not in settled]
    texts = {path: path.read_text().strip() for path in found}
    signs = settled[-1]
    changes_at = min((made_at(path) + SETTLES_S for path in young), default=float("inf"))
    return Keys(texts[signs], [texts[path] for path in found if path != signs], changes_at)


@lru_cache(maxsize=8)
def lasting(folder: Path) -> str:
    """The secret of marks that are compared later and sign nothing: it stays when keys change.

    Where there are keys already it begins as the first of them, under which marks were made.
    """
    path = folder / "lasting.key"
    first = folder / FIRST
    if not path.exists() and first.exists():
        private_file(path, first.read_text())
    return secret(path, _CHARACTERS)


def add(folder: Path, now: datetime) -> str:
    """A new key, which signs after `SETTLES_S`; what it is called."""
    secret(folder / FIRST, _CHARACTERS)
    made = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S%f")
    path = folder / f"django.{made}-{secrets.token_hex(3)}.key"
    private_file(path, secrets.token_urlsafe(_CHARACTERS) + "\n")
    return path.name.removesuffix(".key")


def remove_older(folder: Path) -> list[str]:
    """Takes all keys away but the newest: what they signed is nobody's any more."""
    older = files(folder)[:-1]
    for path in older:
        path.unlink()
    return [path.name.removesuffix(".key") for path in older]


class FreshKeys:
    """Lets each request be judged by the keys that lie in the folder now."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.seen = -1
        self.changes_at = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.look()
        return self.get_response(request)

    def look(self) -> None:
        """Reads the folder again if it has changed, or if a young key is old enough to sign."""
        from django.conf import settings

        folder: Path = settings.HUYING.secrets
        try:
            changed = folder.stat().st_mtime_ns
        except FileNotFoundError:
            return  # nobody made a key here, or the folder is being put in place
        now = time.time()
        if changed == self.seen and now < self.changes_at:
            return
        keys = read(folder, now)
        if keys.signs != settings.SECRET_KEY or keys.accepted != settings.SECRET_KEY_FALLBACKS:
            # Both are accepted at every moment in between.
            settings.SECRET_KEY_FALLBACKS = [*keys.accepted, settings.SECRET_KEY]
            settings.SECRET_KEY = keys.signs
            settings.SECRET_KEY_FALLBACKS = keys.accepted
        # Two changes within one tick of a file system's clock leave the folder the same time.
        self.seen = changed if time.time_ns() - changed > 2_000_000_000 else -1
        self.changes_at = keys.changes_at
