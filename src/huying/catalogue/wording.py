"""Choosing words to show. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def apart(words: Iterable[str]) -> tuple[str, ...]:
    """The words in their order, without any that is part of an earlier one or holds one."""
    kept: list[str] = []
    for word in words:
        if not any(word in other or other in word for other in kept):
            kept.append(word)
    return tuple(kept)
