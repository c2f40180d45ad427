"""Everything that a test has sealed, looked for in what it is shown afterwards."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any
from urllib.parse import quote

import pytest

from huying.audit import crypto
from huying.people.models import Account
from tests.security.hunting import unpacked

SHORTEST = 2
"""A name has two characters at least; a bare number of one stands on every page."""


class Sealed:
    """What was sealed: names, phones, numbers of ids, words that tell of people."""

    def __init__(self) -> None:
        self.values: set[str] = set()

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Notes whatever is sealed by then, wherever it is done."""
        whole = crypto.DefaultProvider.encrypt

        def noted(provider: Any, plain: bytes, *, context: bytes) -> bytes:
            self.values.update(_words(plain.decode(errors="replace")))
            return whole(provider, plain, context=context)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(crypto.DefaultProvider, "encrypt", noted)
            yield

    def hidden(self, *, but: Collection[str] = ()) -> Looked:
        """What no page shows as it is; names of those who work here stand on every page."""
        staff = set(Account.objects.values_list("name", flat=True))
        return Looked(self.values - staff - set(but))


class Looked:
    """Words that are looked for, in each form in which a page may carry them."""

    def __init__(self, words: Iterable[str]) -> None:
        self.forms = {
            form.encode(): word
            for word in words
            for form in (word, json.dumps(word)[1:-1], escape(word), quote(word))
        }

    def found(self, answer: Any) -> list[str]:
        """What of it an answer shows, in its headers or its content, files in it included."""
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        parts = [str(dict(answer.headers)).encode(), *unpacked(body)]
        return sorted(
            {word for form, word in self.forms.items() if any(form in part for part in parts)}
        )


def _words(plain: str) -> Iterator[str]:
    """A value, or the values of one that holds several."""
    try:
        told = json.loads(plain)
    except ValueError:
        told = plain
    match told:
        case dict():
            for each in told.values():
                yield from _words(json.dumps(each, ensure_ascii=False))
        case list():
            for each in told:
                yield from _words(json.dumps(each, ensure_ascii=False))
        case str() if len(told) >= SHORTEST:
            yield told
        case int() if len(str(told)) >= 11:
            yield str(told)
